// The conformance suite of the bus: what every engine has to do, written against bus.hpp alone. An engine's test
// program writes CARILLON_BUS_CONFORMANCE("its name", make), where make() gives a std::unique_ptr<Harness>.
#pragma once
#include <catch2/catch.hpp>

#include "bus/testing/harness.hpp"

namespace carillon::bus::testing {

void keeps_order_per_key_under_concurrent_writers(Harness& harness);
void delivers_what_commits_late(Harness& harness);
void long_transaction_elsewhere_stalls_nothing(Harness& harness);
void rolled_back_publish_leaves_no_gap(Harness& harness);
void goes_on_after_restart(Harness& harness);
void survives_killed_consumers(Harness& harness);
void survives_stopped_consumer(Harness& harness);
void shares_partitions_among_instances(Harness& harness);
void zombie_can_not_commit(Harness& harness);
void survives_terminated_session(Harness& harness);
void conflict_is_tried_again(Harness& harness);
void poison_records_go_to_dead_letters(Harness& harness);
void handler_may_dead_letter(Harness& harness);
void large_record_passes_larger_is_refused(Harness& harness);
void any_byte_survives(Harness& harness);
void back_pressure_stops_polling(Harness& harness);
void broadcast_sees_everything(Harness& harness);
void publish_wakes_consumers(Harness& harness);
void a_backlog_is_read_without_pauses(Harness& harness);
void peek_pages_through(Harness& harness);
void keeps_order_of_own_and_foreign_records(Harness& harness);
void reads_records_back(Harness& harness);

// A consumer until the process is killed; the body of the child process's test case.
void run_child(Harness& harness);

}  // namespace carillon::bus::testing

#define CARILLON_BUS_CASE(engine, make_harness, name, function) \
  TEST_CASE("bus on " engine ": " name) {                       \
    const auto harness = make_harness();                        \
    carillon::bus::testing::function(*harness);                 \
  }

#define CARILLON_BUS_CONFORMANCE(engine, make)                                                                        \
  CARILLON_BUS_CASE(engine, make, "records of a key keep their order under concurrent writers",                       \
                    keeps_order_per_key_under_concurrent_writers)                                                     \
  CARILLON_BUS_CASE(engine, make, "what commits late is delivered", delivers_what_commits_late)                       \
  CARILLON_BUS_CASE(engine, make, "a long transaction elsewhere stalls nothing",                                      \
                    long_transaction_elsewhere_stalls_nothing)                                                        \
  CARILLON_BUS_CASE(engine, make, "a rolled back publish leaves no gap that stalls",                                  \
                    rolled_back_publish_leaves_no_gap)                                                                \
  CARILLON_BUS_CASE(engine, make, "a restarted consumer goes on where it stopped", goes_on_after_restart)             \
  CARILLON_BUS_CASE(engine, make, "killed consumers lose and repeat nothing", survives_killed_consumers)              \
  CARILLON_BUS_CASE(engine, make, "a stopped and continued consumer loses and repeats nothing",                       \
                    survives_stopped_consumer)                                                                        \
  CARILLON_BUS_CASE(engine, make, "instances of a group share the partitions while they come and go",                 \
                    shares_partitions_among_instances)                                                                \
  CARILLON_BUS_CASE(engine, make, "a consumer that lost its partition can't commit", zombie_can_not_commit)           \
  CARILLON_BUS_CASE(engine, make, "a session terminated in mid-batch loses and repeats nothing",                      \
                    survives_terminated_session)                                                                      \
  CARILLON_BUS_CASE(engine, make, "a conflict is tried again, not dead-lettered", conflict_is_tried_again)            \
  CARILLON_BUS_CASE(engine, make, "poison records go to the dead letters, all others through once",                   \
                    poison_records_go_to_dead_letters)                                                                \
  CARILLON_BUS_CASE(engine, make, "a handler's own dead letters carry where they came from", handler_may_dead_letter) \
  CARILLON_BUS_CASE(engine, make, "a record of 900 KiB passes, a larger one is refused",                              \
                    large_record_passes_larger_is_refused)                                                            \
  CARILLON_BUS_CASE(engine, make, "NUL and every other byte survive in key, value and values of headers",             \
                    any_byte_survives)                                                                                \
  CARILLON_BUS_CASE(engine, make, "a handler that isn't ready gets nothing", back_pressure_stops_polling)             \
  CARILLON_BUS_CASE(engine, make, "broadcast sees every record, per key in order", broadcast_sees_everything)         \
  CARILLON_BUS_CASE(engine, make, "publishing wakes consumers in this and other processes", publish_wakes_consumers)  \
  CARILLON_BUS_CASE(engine, make, "a backlog of many batches is read without pauses",                                 \
                    a_backlog_is_read_without_pauses)                                                                 \
  CARILLON_BUS_CASE(engine, make, "peek pages through a partition from the oldest record", peek_pages_through)        \
  CARILLON_BUS_CASE(engine, make, "records of the consumer's own process and of others keep one order",               \
                    keeps_order_of_own_and_foreign_records)                                                           \
  CARILLON_BUS_CASE(engine, make, "a record is read back from its place, a missing one is nothing", reads_records_back)
