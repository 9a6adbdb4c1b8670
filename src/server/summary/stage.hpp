// The stages of a summary as koku_internal.summary_stage and koku_internal.summary_statement list them.
#pragma once

#include <string>
#include <vector>

#include "server/backend/sql.hpp"

namespace koku {

struct StageStatement {
  int position;
  std::string name;       ///< of its file: ROOM/TARGET or ROOM/TARGET.PART
  std::string condition;  ///< a working table without whose rows there is nothing to do; empty: none
  std::string statement;  ///< with {tenant} and {month} in it

  std::string target() const {
    const std::size_t begin = name.find('/') + 1;
    return name.substr(begin, name.find('.', begin) - begin);
  }
};

/// A setting that holds while a stage runs.
struct StageSetting {
  std::string name;
  std::string value;
  bool at_least;  ///< the session's own stays where it is greater
};

struct Stage {
  std::string name;
  bool by_step;
  std::string condition;  ///< as that of a statement
  std::vector<StageSetting> settings;
  std::vector<StageStatement> statements;
};

/// The stages of these names in their order; all for nothing. Throws Error when there is none of a name. Errors of the
/// server come as ServerError.
std::vector<Stage> read_stages(const Schemas& schemas, const SqlText& names);

/// The settings of a stage, until leave(). After an error the end of the (sub)transaction takes them back.
class StageSettings {
 public:
  explicit StageSettings(const Stage& stage);
  void leave();

 private:
  int nest_level_ = 0;
};

}  // namespace koku
