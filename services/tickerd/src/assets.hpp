#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/base/result.hpp>
#include <ticker/net/http.hpp>

namespace ticker::tickerd {

// The files of the dashboard, each in the forms that the build compressed it to. A path is looked up as it was sent, whole and
// undecoded, among those there are: there is no folder that it could leave. Fixed after construction; any thread. The bodies are
// shared by all who read them, so a slow reader of a file costs no memory.
class Assets {
 public:
  // Who the page at `/` is for. The other one's is not among the files.
  enum class Page { kTraders, kOperators };

  // Without the dashboard: a page at `/` that says so, and what else there is to ask for.
  explicit Assets(Page page = Page::kTraders);
  // `pack`: what scripts/pack.mjs writes; empty: as above. The error: why it is none.
  static Result<Assets> read(std::string_view pack, Page page = Page::kTraders);

  bool contains(std::string_view path) const { return files_.find(path) != files_.end(); }
  // Requires: contains(request.path), and a GET or HEAD.
  net::HttpResponse answer(const net::HttpRequest& request) const;

 private:
  struct Form {
    std::string coding;  // as in Content-Encoding; `identity` is in every file
    std::string etag;
    std::shared_ptr<const std::string> body;
  };
  struct File {
    std::string type;
    bool immutable = false;  // its name changes with its content
    std::vector<Form> forms;  // the one to be preferred first
  };

  static const Form& choose(const File& file, std::string_view accepted);

  std::map<std::string, File, std::less<>> files_;
};

// What was built into this program; empty: it was built without the dashboard.
std::string_view embedded_pack();

// The weight, 0 to 1000, that an Accept-Encoding header gives to a coding; 0: it is not to be sent.
int coding_weight(std::string_view accepted, std::string_view coding);

}  // namespace ticker::tickerd
