// Takes the payload out of an upload while it arrives.
#pragma once

#include <string>
#include <string_view>

#include "forms/memory_budget.hpp"
#include "forms/multipart.hpp"

namespace koku::intake {

/// Whether a part's content type is that of a payload of the service: 'application/vnd.redhat.SERVICE.anything'.
bool is_payload_type(std::string_view content_type, std::string_view service);

/// The part named 'file' (or 'upload', as some clients call it) is the payload; other parts are passed over. Throws
/// Refusal: 415 wrong content type, 413 too large, 503 memory used up, 400 everything else.
class UploadCollector : public PartReceiver {
 public:
  UploadCollector(PayloadBuffer& payload, std::string service) : payload_(payload), service_(std::move(service)) {}

  void part_begins(const PartHead& head) override;
  void part_bytes(std::string_view bytes) override;
  void part_ends() override {}

  /// The body has ended: the payload must have come and look like gzip.
  void finish() const;

 private:
  PayloadBuffer& payload_;
  std::string service_;
  bool in_payload_ = false;
  bool has_payload_ = false;
};

/// Turns what a payload's growth met into the answer: 413 or 503.
void refuse_growth(PayloadBuffer::Growth growth, std::uint64_t max_size);

}  // namespace koku::intake
