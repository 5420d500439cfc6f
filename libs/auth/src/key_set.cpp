#include "key_set.hpp"

#include <utility>

#include "files.hpp"

namespace ticker::auth {

Status KeySet::add(Result<Key> key, const std::string& file) {
  if (!key.ok()) {
    return Error{file + ": " + key.error().message};
  }
  if (keys_.size() == kMostKeys) {
    return Error{file + ": there are more than " + std::to_string(kMostKeys) + " keys in all"};
  }
  keys_.push_back(std::move(key).value());
  return {};
}

Status KeySet::add_secret_file(const std::string& file) {
  const auto secret = read_secret(file);
  return secret.ok() ? add(secret_key(secret.value()), file) : Status(secret.error());
}

Status KeySet::add_key_file(const std::string& file) {
  const auto text = read_file(file);
  if (!text.ok()) {
    return text.error();
  }
  if (text.value().find("-----BEGIN ") != std::string::npos) {
    return add(pem_key(text.value(), false), file);
  }
  return add_json(text.value(), file);
}

Status KeySet::add_json(const std::string& text, const std::string& file) {
  json_error_t error;
  const Json json(json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, &error));
  if (!json_is_object(json.get())) {
    return Error{
        file + ": is neither PEM nor a JWK or JWKS" +
        (json == nullptr ? ": line " + std::to_string(error.line) + ": " + error.text : "")};
  }
  std::vector<json_t*> found;
  if (json_t* const set = json_object_get(json.get(), "keys")) {
    std::size_t index = 0;
    json_t* item = nullptr;
    json_array_foreach(set, index, item) { found.push_back(item); }
  } else {
    found.push_back(json.get());
  }
  const std::size_t before = keys_.size();
  for (json_t* const item : found) {
    auto key = json_key(item);
    if (!key.ok()) {
      return Error{file + ": " + key.error().message};
    }
    // Others of the set are for other algorithms, or for encryption.
    if (key.value()) {
      if (auto status = add(std::move(*key.value()), file); !status.ok()) {
        return status;
      }
    }
  }
  return keys_.size() > before
             ? Status()
             : Status(Error{file + ": has no key for HS256, RS256 or ES256 signatures"});
}

std::vector<const Key*> KeySet::candidates(Algorithm algorithm, std::string_view id) const {
  std::vector<const Key*> named;
  std::vector<const Key*> unnamed;
  for (const Key& key : keys_) {
    if (key.algorithm == algorithm && (id.empty() || key.id == id)) {
      named.push_back(&key);
    } else if (key.algorithm == algorithm && key.id.empty()) {
      unnamed.push_back(&key);
    }
  }
  return named.empty() ? unnamed : named;
}

}  // namespace ticker::auth
