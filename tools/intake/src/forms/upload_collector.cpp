#include "forms/upload_collector.hpp"

#include "forms/refusal.hpp"
#include "observe/log.hpp"

namespace koku::intake {

bool is_payload_type(std::string_view content_type, std::string_view service) {
  const auto value = parse_header_value(content_type);
  if (!value) return false;
  const auto prefix = "application/vnd.redhat." + std::string(service) + ".";
  return value->value.starts_with(prefix) && value->value.size() > prefix.size();
}

void refuse_growth(PayloadBuffer::Growth growth, std::uint64_t max_size) {
  switch (growth) {
    case PayloadBuffer::Growth::done:
      return;
    case PayloadBuffer::Growth::payload_too_large:
      throw Refusal(413, "the payload is larger than " + std::to_string(max_size) + " bytes");
    case PayloadBuffer::Growth::memory_short:
      throw Refusal(503, "too many payloads arrive at this time, of all senders or of this one");
  }
}

void UploadCollector::part_begins(const PartHead& head) {
  in_payload_ = head.name == "file" || head.name == "upload";
  if (!in_payload_) return;
  if (has_payload_) throw Refusal(400, "the upload has more than one file");
  has_payload_ = true;
  if (!is_payload_type(head.content_type, service_)) {
    throw Refusal(415, "the content type of the file is '" + excerpt(head.content_type, 100) +
                           "', expected application/vnd.redhat." + service_ + ".*");
  }
}

void UploadCollector::part_bytes(std::string_view bytes) {
  if (in_payload_) refuse_growth(payload_.append(bytes), payload_.max_size());
}

void UploadCollector::finish() const {
  if (!has_payload_) throw Refusal(400, "the upload has no part named 'file'");
  if (payload_.bytes().empty()) throw Refusal(400, "the payload is empty");
  if (!payload_.bytes().starts_with("\x1f\x8b")) throw Refusal(400, "the payload is not compressed with gzip");
}

}  // namespace koku::intake
