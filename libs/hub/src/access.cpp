#include <ticker/hub/access.hpp>

namespace ticker::hub {

std::string Access::key() const {
  if (symbols.key().empty() && fields == market::FieldSet::all() && min_interval.count() == 0) {
    return {};
  }
  return symbols.key() + std::to_string(fields.bits()) + "/" + std::to_string(min_interval.count());
}

}  // namespace ticker::hub
