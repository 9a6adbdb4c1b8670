// An answer to an upload other than 'accepted'.
#pragma once

#include <stdexcept>
#include <string>

namespace koku::intake {

/// Why a request is not served: the HTTP status and one sentence for the sender.
class Refusal : public std::runtime_error {
 public:
  Refusal(unsigned status, const std::string& message) : std::runtime_error(message), status_(status) {}

  unsigned status() const { return status_; }

 private:
  unsigned status_;
};

}  // namespace koku::intake
