// SQL statements from C++: text parameters in, text values out. For bookkeeping, never for rows in bulk.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace koku {

/// A parameter or a value; nothing is NULL.
using SqlText = std::optional<std::string>;
using SqlRow = std::vector<SqlText>;

/// Where names in statements stand: {extension} is the extension's schema, {tenant} the tenant's, both quoted.
/// {internal} stands before the name of a function of the extension's own: it is the schema koku_internal or, while the
/// SQL objects of release 0.1.0 are still there, the prefix that such functions had.
struct Schemas {
  std::string extension;  ///< not quoted
  std::string tenant;     ///< not quoted; may be empty where no statement names it
};

/// The schema that the extension was created in.
std::string extension_schema();

/// A name quoted as an SQL identifier.
std::string quote_name(std::string_view name);

/// A statement with {extension}, {internal} and {tenant} replaced; other braces stay.
std::string with_schemas(const Schemas& schemas, std::string_view statement);

/// Runs one statement with {extension}, {internal} and {tenant} replaced and its parameters $1, $2, ... as text, and
/// returns its rows. A server error comes as ServerError. Sees all that this transaction did before.
std::vector<SqlRow> run_sql(const Schemas& schemas, std::string_view statement,
                            const std::vector<SqlText>& parameters = {});

/// The same for a query that only reads, with what the calling statement sees: several of them see one state of the
/// database, whatever other sessions commit between them.
std::vector<SqlRow> read_sql(const Schemas& schemas, std::string_view query,
                             const std::vector<SqlText>& parameters = {});

/// The text form of an SQL array of texts.
std::string array_literal(const std::vector<std::string>& texts);

/// A boolean in the server's text form.
inline bool is_true(const SqlText& value) { return value && *value == "t"; }
inline SqlText sql_bool(bool value) { return value ? "t" : "f"; }

}  // namespace koku
