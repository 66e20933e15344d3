// What embed_sql.cmake generates: named queries and migrations as constants.
#pragma once

namespace carillon::pg {

// One .sql file. `name` is unique in the process and is the prepared statement's name on each connection.
struct Query {
  const char* name;
  const char* text;
};

// One migrations/NNN_name.sql file. Applied once per schema, in the order of the names, never changed afterwards.
struct Migration {
  const char* name;
  const char* text;
};

}  // namespace carillon::pg
