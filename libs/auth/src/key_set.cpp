#include "key_set.hpp"

#include <utility>

#include <ticker/base/log.hpp>

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
  return add_jwks(found, file);
}

Status KeySet::add_jwks(const std::vector<json_t*>& found, const std::string& file) {
  const std::size_t before = keys_.size();
  std::size_t left_out = 0;
  std::string fault;  // of the first that is left out
  for (json_t* const item : found) {
    auto key = json_key(item);
    if (!key.ok() && is_private(item)) {
      return Error{file + ": " + key.error().message};
    }
    if (!key.ok()) {
      fault = left_out++ == 0 ? key.error().message : fault;
      continue;
    }
    // Others of the set are for other algorithms, or for encryption.
    if (key.value()) {
      if (auto status = add(std::move(*key.value()), file); !status.ok()) {
        return status;
      }
    }
  }
  if (keys_.size() == before) {
    return Error{file + ": " +
                 (left_out == 0 ? "has no key for HS256, RS256 or ES256 signatures" : fault)};
  }
  // RFC 7517, section 5: one bad key among those that a login service publishes is no reason to
  // refuse the others.
  if (left_out > 0) {
    log::warn(file + ": " + std::to_string(left_out) + " of " + std::to_string(found.size()) +
              " keys left out, the first because: " + fault);
  }
  return {};
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
