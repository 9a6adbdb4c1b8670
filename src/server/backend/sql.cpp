#include "server/backend/sql.hpp"

#include "server/backend/boundary.hpp"

#include "server/backend/postgres.hpp"

namespace koku {
namespace {

/// The rows of a statement as the server's own strings, in a memory context that the caller deletes.
struct PlainResult {
  std::uint64_t row_count = 0;
  int column_count = 0;
  char** values = nullptr;  // nullptr for NULL
};

void execute_unsafe(const char* statement, bool only_reads, int parameter_count, Oid* types, Datum* values, char* nulls,
                    MemoryContext result_context, PlainResult& result) {
  if (SPI_connect() != SPI_OK_CONNECT) elog(ERROR, "SPI_connect failed");
  const int code = SPI_execute_with_args(statement, parameter_count, types, values, nulls, only_reads, 0);
  if (code < 0) elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(code));
  if (SPI_tuptable != nullptr) {
    result.row_count = SPI_processed;
    result.column_count = SPI_tuptable->tupdesc->natts;
    result.values = static_cast<char**>(MemoryContextAllocHuge(
        result_context, sizeof(char*) * result.row_count * static_cast<std::uint64_t>(result.column_count)));
    char** next = result.values;
    for (std::uint64_t row = 0; row < result.row_count; ++row)
      for (int column = 1; column <= result.column_count; ++column) {
        const char* value = SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column);
        *next++ = value == nullptr ? nullptr : MemoryContextStrdup(result_context, value);
      }
  }
  SPI_finish();
}

/// The name of the schema that the extension was created in; nullptr when there is no extension.
const char* extension_schema_unsafe() {
  const Oid extension = get_extension_oid("koku_onprem", true);
  ScanKeyData key;
  ScanKeyInit(&key, Anum_pg_extension_oid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(extension));
  Relation relation = table_open(ExtensionRelationId, AccessShareLock);
  SysScanDesc scan = systable_beginscan(relation, ExtensionOidIndexId, true, nullptr, 1, &key);
  const HeapTuple found = systable_getnext(scan);
  const char* name = nullptr;
  if (HeapTupleIsValid(found))
    name = get_namespace_name(reinterpret_cast<Form_pg_extension>(GETSTRUCT(found))->extnamespace);
  systable_endscan(scan);
  table_close(relation, AccessShareLock);
  return name;
}

/// Whether the schema koku_internal is there and the extension's: somebody else's is not called into.
bool has_internal_schema_unsafe() {
  const Oid schema = get_namespace_oid("koku_internal", true);
  return OidIsValid(schema) &&
         getExtensionOfObject(NamespaceRelationId, schema) == get_extension_oid("koku_onprem", true);
}

bool has_internal_schema() {
  bool found = false;
  server_call([&] { found = has_internal_schema_unsafe(); });
  return found;
}

}  // namespace

std::string extension_schema() {
  const char* name = nullptr;
  server_call([&] { name = extension_schema_unsafe(); });
  return name == nullptr ? "" : name;
}

std::string quote_name(std::string_view name) {
  std::string quoted = "\"";
  for (const char character : name) {
    if (character == '"') quoted += '"';
    quoted += character;
  }
  return quoted += '"';
}

std::string with_schemas(const Schemas& schemas, std::string_view statement) {
  constexpr std::string_view extension = "{extension}";
  constexpr std::string_view internal = "{internal}";
  constexpr std::string_view tenant = "{tenant}";
  std::string text;
  while (!statement.empty()) {
    const std::size_t brace = statement.find('{');
    text.append(statement.substr(0, brace));
    if (brace == std::string_view::npos) break;
    statement.remove_prefix(brace);
    if (statement.starts_with(extension)) {
      text += quote_name(schemas.extension);
      statement.remove_prefix(extension.size());
    } else if (statement.starts_with(internal)) {
      text += has_internal_schema() ? "koku_internal." : quote_name(schemas.extension) + ".koku_internal_";
      statement.remove_prefix(internal.size());
    } else if (statement.starts_with(tenant)) {
      text += quote_name(schemas.tenant);
      statement.remove_prefix(tenant.size());
    } else {
      text += '{';
      statement.remove_prefix(1);
    }
  }
  return text;
}

std::string array_literal(const std::vector<std::string>& texts) {
  std::string literal = "{";
  for (const std::string& text : texts) {
    if (literal.size() > 1) literal += ',';
    literal += '"';
    for (const char character : text) {
      if (character == '"' || character == '\\') literal += '\\';
      literal += character;
    }
    literal += '"';
  }
  return literal += '}';
}

namespace {

std::vector<SqlRow> rows_of(const Schemas& schemas, std::string_view statement, const std::vector<SqlText>& parameters,
                            bool only_reads) {
  const std::string text = with_schemas(schemas, statement);
  const int parameter_count = static_cast<int>(parameters.size());
  std::vector<Oid> types(parameters.size(), TEXTOID);
  std::vector<Datum> values(parameters.size());
  std::string nulls(parameters.size(), ' ');
  MemoryContext context = nullptr;
  server_call(
      [&] { context = AllocSetContextCreate(CurrentMemoryContext, "koku_onprem statement", ALLOCSET_DEFAULT_SIZES); });
  for (std::size_t at = 0; at < parameters.size(); ++at) {
    if (!parameters[at]) {
      nulls[at] = 'n';
      continue;
    }
    const char* bytes = parameters[at]->data();
    const int length = static_cast<int>(parameters[at]->size());
    Datum& value = values[at];
    server_call([&] {
      const MemoryContext previous = MemoryContextSwitchTo(context);
      value = PointerGetDatum(cstring_to_text_with_len(bytes, length));
      MemoryContextSwitchTo(previous);
    });
  }
  PlainResult result;
  const char* plain_text = text.c_str();
  Oid* plain_types = types.data();
  Datum* plain_values = values.data();
  char* plain_nulls = nulls.data();
  server_call([&] {
    execute_unsafe(plain_text, only_reads, parameter_count, plain_types, plain_values, plain_nulls, context, result);
  });

  std::vector<SqlRow> rows(result.row_count);
  char** next = result.values;
  for (SqlRow& row : rows) {
    row.reserve(static_cast<std::size_t>(result.column_count));
    for (int column = 0; column < result.column_count; ++column, ++next)
      row.push_back(*next == nullptr ? SqlText{} : SqlText{*next});
  }
  MemoryContextDelete(context);
  return rows;
}

}  // namespace

std::vector<SqlRow> run_sql(const Schemas& schemas, std::string_view statement,
                            const std::vector<SqlText>& parameters) {
  return rows_of(schemas, statement, parameters, false);
}

std::vector<SqlRow> read_sql(const Schemas& schemas, std::string_view query, const std::vector<SqlText>& parameters) {
  return rows_of(schemas, query, parameters, true);
}

}  // namespace koku
