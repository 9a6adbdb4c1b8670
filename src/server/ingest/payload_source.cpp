#include "server/ingest/payload_source.hpp"

#include <sys/stat.h>

#include "server/backend/boundary.hpp"

#include "server/backend/compatibility.hpp"

extern "C" {
#include "libpq/be-fsstubs.h"
#include "libpq/libpq-fs.h"
#include "storage/large_object.h"
#include "utils/fmgrprotos.h"
#include "utils/snapmgr.h"
}

namespace koku {
namespace {

constexpr std::size_t block_bytes = std::size_t{256} << 10;

/// Files and large objects read alike: into one block.
class BlockSource : public ByteSource {
 public:
  std::string_view read() override {
    std::size_t got = 0;
    char* block = block_.get();
    server_call([&] { got = read_block_unsafe(block); });
    return {block_.get(), got};
  }
  std::uint64_t size() const override { return size_; }

 protected:
  virtual std::size_t read_block_unsafe(char* block) = 0;
  std::uint64_t size_ = 0;

 private:
  std::unique_ptr<char[]> block_ = std::make_unique_for_overwrite<char[]>(block_bytes);
};

// The user of the session stands for the caller below, so he must be the one who calls: while he maintains another's
// table (REINDEX, ANALYZE, refreshing a view), functions of its owner run.
void refuse_in_maintenance_unsafe() {
  if (InSecurityRestrictedOperation())
    ereport(ERROR,
            (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
             errmsg("cannot read a payload from a file or large object within a security-restricted operation")));
}

class FileSource final : public BlockSource {
 public:
  explicit FileSource(const std::string& path) : path_(path) {
    const char* name = path_.c_str();
    server_call([&] {
      refuse_in_maintenance_unsafe();
      // The user of the session, not the owner of a function in between: the privilege is about the server's files.
      if (!has_privs_of_role(GetOuterUserId(), ROLE_PG_READ_SERVER_FILES_compat))
        ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                        errmsg("permission denied to read a payload from a server file"),
                        errhint("Grant pg_read_server_files, or pass the payload's bytes to koku_ingest_payload().")));
      file_ = AllocateFile(name, PG_BINARY_R);
      if (file_ == nullptr)
        ereport(ERROR, (errcode_for_file_access(), errmsg("could not open file \"%s\" for reading: %m", name)));
      struct stat information;
      if (fstat(fileno(file_), &information) != 0)
        ereport(ERROR, (errcode_for_file_access(), errmsg("could not stat file \"%s\": %m", name)));
      if (!S_ISREG(information.st_mode))
        ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("\"%s\" is not a regular file", name)));
      size_ = static_cast<std::uint64_t>(information.st_size);
    });
  }
  ~FileSource() override {
    // After an error of the server the end of the transaction closes the file.
    if (std::uncaught_exceptions() == 0) FreeFile(file_);
  }
  void rewind() override {
    server_call([this] {
      if (fseeko(file_, 0, SEEK_SET) != 0)
        ereport(ERROR, (errcode_for_file_access(), errmsg("could not rewind file \"%s\": %m", path_.c_str())));
    });
  }

 protected:
  std::size_t read_block_unsafe(char* block) override {
    const std::size_t got = fread(block, 1, block_bytes, file_);
    if (got == 0 && ferror(file_) != 0)
      ereport(ERROR, (errcode_for_file_access(), errmsg("could not read file \"%s\": %m", path_.c_str())));
    return got;
  }

 private:
  std::string path_;
  FILE* file_ = nullptr;
};

// By descriptors, as clients do: the server closes them with the transaction, after an error too, which it does not for
// the inversion functions below. Nothing is closed here: that could raise in a destructor.
class LargeObjectSource final : public BlockSource {
 public:
  explicit LargeObjectSource(Oid object) {
    server_call([&] {
      refuse_in_maintenance_unsafe();
      // As with files; the server asks about the owner of the function only.
      if (!lo_compat_privileges &&
          pg_largeobject_aclcheck_snapshot(object, GetOuterUserId(), ACL_SELECT, GetActiveSnapshot()) != ACLCHECK_OK)
        ereport(ERROR,
                (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("permission denied for large object %u", object)));
      descriptor_ = DirectFunctionCall2(be_lo_open, ObjectIdGetDatum(object), Int32GetDatum(INV_READ));
      size_ = static_cast<std::uint64_t>(seek_unsafe(SEEK_END));
      seek_unsafe(SEEK_SET);
    });
  }
  void rewind() override {
    server_call([this] { seek_unsafe(SEEK_SET); });
  }

 protected:
  std::size_t read_block_unsafe(char* block) override {
    return static_cast<std::size_t>(lo_read(DatumGetInt32(descriptor_), block, static_cast<int>(block_bytes)));
  }

 private:
  std::int64_t seek_unsafe(int whence) const {
    return DatumGetInt64(DirectFunctionCall3(be_lo_lseek64, descriptor_, Int64GetDatum(0), Int32GetDatum(whence)));
  }

  Datum descriptor_ = Int32GetDatum(-1);
};

}  // namespace

std::unique_ptr<ByteSource> open_file_source(const std::string& path) { return std::make_unique<FileSource>(path); }

std::unique_ptr<ByteSource> open_large_object_source(Oid object) { return std::make_unique<LargeObjectSource>(object); }

}  // namespace koku
