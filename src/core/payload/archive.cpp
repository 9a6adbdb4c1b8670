#include "core/payload/archive.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <cerrno>
#include <exception>
#include <new>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/excerpt.hpp"
#include "core/base/limit_error.hpp"
#include "core/base/plain_locale.hpp"
#include "core/payload/gunzip.hpp"
#include "core/payload/member_name.hpp"
#include "core/payload/tar_headers.hpp"

namespace koku {
namespace {

constexpr const char* damaged_hint = "Have the payload sent again; it was damaged or truncated in transit.";

struct ArchiveDeleter {
  void operator()(archive* handle) const noexcept { archive_read_free(handle); }
};

MemberKind kind_of(archive_entry* entry) {
  if (archive_entry_hardlink(entry) != nullptr) return MemberKind::link;
  switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
      return archive_entry_sparse_count(entry) == 0 ? MemberKind::regular : MemberKind::special;
    case AE_IFDIR:
      return MemberKind::directory;
    case AE_IFLNK:
      return MemberKind::link;
    default:
      return MemberKind::special;
  }
}

std::uint64_t padded(std::uint64_t bytes) {
  return (bytes + TarHeaders::tar_block_bytes - 1) / TarHeaders::tar_block_bytes * TarHeaders::tar_block_bytes;
}

std::string in_quotes(std::string_view name) { return '"' + excerpt(name) + '"'; }

}  // namespace

struct ArchiveReader::Implementation {
  Implementation(ByteSource& source, const ArchiveLimits& archive_limits, InterruptCheck check_interrupts)
      : limits(archive_limits),
        unpacked(source, archive_limits, std::move(check_interrupts)),
        input(unpacked),
        handle(archive_read_new()) {}

  void open();
  bool next_member();
  void describe(archive_entry* entry);
  void leave_member();
  void finish();
  std::string_view read();

  static la_ssize_t provide(archive* handle, void* self, const void** block) noexcept;
  std::uint64_t tar_position() const { return static_cast<std::uint64_t>(archive_filter_bytes(handle.get(), 0)); }
  void raise_if_provider_failed();
  Error with_place(const Error& error) const;
  std::string place() const;
  Error damaged(std::string message) const;
  Error wrong_size() const;

  const ArchiveLimits limits;
  Gunzip unpacked;
  TarHeaders input;
  std::unique_ptr<archive, ArchiveDeleter> handle;
  std::exception_ptr provider_error;  // kept while libarchive's frames are left

  std::string name;
  MemberKind kind = MemberKind::special;
  std::uint64_t size = 0;
  std::uint64_t read_bytes = 0;
  std::uint64_t data_begin = 0;  // in the tar as libarchive sees it
  std::uint64_t data_bytes = 0;  // that follow for certain, padding included
  std::uint32_t member_count = 0;
  bool inside_member = false;
  bool finished = false;
};

/// The read callback of libarchive: C frames lie between here and our code, so nothing may be thrown through.
la_ssize_t ArchiveReader::Implementation::provide(archive* handle, void* self, const void** block) noexcept {
  auto& reader = *static_cast<Implementation*>(self);
  try {
    const std::string_view bytes = reader.input.read();
    *block = bytes.data();
    return static_cast<la_ssize_t>(bytes.size());
  } catch (...) {
    reader.provider_error = std::current_exception();
    archive_set_error(handle, EIO, "input failed");
    return ARCHIVE_FATAL;
  }
}

void ArchiveReader::Implementation::raise_if_provider_failed() {
  if (!provider_error) return;
  try {
    std::rethrow_exception(std::exchange(provider_error, nullptr));
  } catch (const Error& error) {
    throw with_place(error);
  }
}

Error ArchiveReader::Implementation::with_place(const Error& error) const {
  const std::string separator = error.detail().empty() ? "" : " ";
  return {error.kind(), error.message(), error.detail() + separator + place(), error.hint()};
}

/// Where in the archive reading stands, as a sentence.
std::string ArchiveReader::Implementation::place() const {
  if (inside_member) return "Reading stopped in member " + in_quotes(name) + ".";
  if (member_count == 0) return "Reading stopped before the first member.";
  return "Reading stopped after member " + in_quotes(name) + ".";
}

Error ArchiveReader::Implementation::damaged(std::string message) const {
  const char* reason = archive_error_string(handle.get());
  std::string detail = place();
  if (reason != nullptr) detail.append(" libarchive says: ").append(reason).append(".");
  return {ErrorKind::invalid_archive, std::move(message), std::move(detail), damaged_hint};
}

/// Headers of sparse files can announce a size that the archive does not have; readers rely on the size.
Error ArchiveReader::Implementation::wrong_size() const {
  return damaged("member " + in_quotes(name) + " does not have the size that its header declares");
}

void ArchiveReader::Implementation::open() {
  if (handle == nullptr || archive_read_support_format_tar(handle.get()) != ARCHIVE_OK) throw std::bad_alloc();
  const int result = archive_read_open(handle.get(), this, nullptr, &Implementation::provide, nullptr);
  raise_if_provider_failed();
  if (result != ARCHIVE_OK) throw damaged("payload does not contain a tar archive");
}

bool ArchiveReader::Implementation::next_member() {
  if (finished) return false;
  if (inside_member) leave_member();

  archive_entry* entry = nullptr;
  input.begin_header();
  int result;
  {
    // Names in extended headers are UTF-8, which libarchive converts to the character set of the thread's locale. In
    // the C locale that conversion can only give the same bytes, or fail, in which case libarchive keeps the bytes.
    const PlainLocale plain;
    result = archive_read_next_header(handle.get(), &entry);
    raise_if_provider_failed();
    if (result == ARCHIVE_OK || result == ARCHIVE_WARN) describe(entry);
  }

  if (result == ARCHIVE_EOF) {
    finish();
    return false;
  }
  if (result != ARCHIVE_OK && result != ARCHIVE_WARN) throw damaged("payload has a damaged or truncated tar header");
  return true;
}

void ArchiveReader::Implementation::describe(archive_entry* entry) {
  // No type: a part of a multi-volume archive, or libarchive gave up on a pile of extended headers and lost its
  // place.
  if (archive_entry_filetype(entry) == 0 && archive_entry_hardlink(entry) == nullptr) {
    throw damaged("payload has an unrecognized tar header");
  }
  if (++member_count > limits.max_members) {
    throw limit_error("payload has more than " + std::to_string(limits.max_members) + " members", place(),
                      "max_members");
  }
  kind = kind_of(entry);
  const char* raw_name = archive_entry_pathname(entry);
  MemberName member_name = clean_member_name(raw_name == nullptr ? "" : raw_name, kind == MemberKind::directory);
  name = std::move(member_name.text);
  if (!member_name.safe) kind = MemberKind::unsafe_path;
  size = kind == MemberKind::regular ? static_cast<std::uint64_t>(archive_entry_size(entry)) : 0;
  read_bytes = 0;
  data_begin = tar_position();
  const bool has_data =
      archive_entry_filetype(entry) == AE_IFREG && kind != MemberKind::link && kind != MemberKind::special;
  data_bytes = has_data ? padded(static_cast<std::uint64_t>(archive_entry_size(entry))) : 0;
  input.begin_data(data_bytes);
  inside_member = true;
  if (size > limits.max_member_bytes) {
    throw limit_error("member " + in_quotes(name) + " is larger than " + size_text(limits.max_member_bytes),
                      "It has " + size_text(size) + ".", "max_member_size");
  }
}

std::string_view ArchiveReader::Implementation::read() {
  if (!inside_member || kind != MemberKind::regular) return {};
  const void* block = nullptr;
  std::size_t block_bytes = 0;
  la_int64_t offset = 0;
  int result;
  do {
    result = archive_read_data_block(handle.get(), &block, &block_bytes, &offset);
  } while (result == ARCHIVE_OK && block_bytes == 0);
  raise_if_provider_failed();
  if (result == ARCHIVE_EOF) {
    if (read_bytes != size) throw wrong_size();
    return {};
  }
  if (result != ARCHIVE_OK) throw damaged("payload ends inside member " + in_quotes(name));
  if (static_cast<std::uint64_t>(offset) != read_bytes) throw damaged("payload has an undeclared sparse member");
  read_bytes += block_bytes;
  return {static_cast<const char*>(block), block_bytes};
}

void ArchiveReader::Implementation::leave_member() {
  const int result = archive_read_data_skip(handle.get());
  raise_if_provider_failed();
  if (result != ARCHIVE_OK) throw damaged("payload ends inside member " + in_quotes(name));
  // More than that was never handed out at once, so libarchive has seen nothing of the next header.
  if (data_bytes > 0 && tar_position() - data_begin != data_bytes) throw wrong_size();
  inside_member = false;
}

/// The bytes after the tar's end mark mean nothing, but the checksum of the gzip data stands behind them.
void ArchiveReader::Implementation::finish() {
  finished = true;
  try {
    while (!unpacked.read().empty()) {
    }
  } catch (const Error& error) {
    throw with_place(error);
  }
}

ArchiveReader::ArchiveReader(ByteSource& source, const ArchiveLimits& limits, InterruptCheck check_interrupts)
    : implementation_(std::make_unique<Implementation>(source, limits, std::move(check_interrupts))) {
  implementation_->open();
}

ArchiveReader::~ArchiveReader() = default;

bool ArchiveReader::next_member() { return implementation_->next_member(); }
const std::string& ArchiveReader::name() const noexcept { return implementation_->name; }
MemberKind ArchiveReader::kind() const noexcept { return implementation_->kind; }
std::uint32_t ArchiveReader::ordinal() const noexcept { return implementation_->member_count - 1; }
std::uint64_t ArchiveReader::size() const noexcept { return implementation_->size; }
std::string_view ArchiveReader::read() { return implementation_->read(); }
std::uint64_t ArchiveReader::unpacked_bytes() const noexcept { return implementation_->unpacked.unpacked_bytes(); }

}  // namespace koku
