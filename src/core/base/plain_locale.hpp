// The C locale for one thread.
#pragma once

#include <locale.h>

namespace koku {

/// While it lives, the calling thread works in the C locale, whatever the process or another thread sets.
class PlainLocale {
 public:
  PlainLocale() noexcept : plain_(newlocale(LC_ALL_MASK, "C", nullptr)), previous_(uselocale(plain_)) {}
  ~PlainLocale() {
    uselocale(previous_);
    if (plain_ != nullptr) freelocale(plain_);
  }
  PlainLocale(const PlainLocale&) = delete;
  PlainLocale& operator=(const PlainLocale&) = delete;

 private:
  locale_t plain_;
  locale_t previous_;
};

}  // namespace koku
