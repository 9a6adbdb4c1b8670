// Where the server finds a payload's bytes: a value in memory (core/base/byte_source.hpp), a file, a large object.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/byte_source.hpp"

#include "server/backend/postgres.hpp"

namespace koku {

/// Opens the payload; called a second time when a window leaves the hours of a day open.
using SourceOpener = std::function<std::unique_ptr<ByteSource>()>;

/// A file of the server's machine. 42501 unless the calling user has pg_read_server_files; file errors as the server
/// reports them.
std::unique_ptr<ByteSource> open_file_source(const std::string& path);

/// A large object, read with the privileges of the current user. 42704 when there is none.
std::unique_ptr<ByteSource> open_large_object_source(Oid object);

}  // namespace koku
