//! The store in memory and in a file, and its files.

mod damage;
mod file;
#[cfg(target_os = "linux")]
mod full;
mod journal;
mod list;
mod memory;
mod model;
mod retention;
mod statistics;
mod support;
mod versions;

/// Turns each function into one test for each kind of store.
macro_rules! for_each_kind {
    ($($module:ident: $($test:ident)*;)*) => {
        mod in_memory {
            $($(
                #[tokio::test]
                async fn $test() {
                    crate::store::$module::$test(&crate::store::support::in_memory()).await;
                }
            )*)*
        }
        mod in_file {
            $($(
                #[tokio::test]
                async fn $test() {
                    crate::store::$module::$test(&*crate::store::support::in_file()).await;
                }
            )*)*
        }
        // On several threads, as in hookd: changes of a single run are written on the calling thread.
        mod in_file_on_threads {
            $($(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    crate::store::$module::$test(&*crate::store::support::in_file()).await;
                }
            )*)*
        }
    };
}

mod every_kind {
    for_each_kind! {
        journal:
            records_come_back_in_order
            a_page_has_a_record_at_least
            records_may_be_given_again
            gaps_are_refused
            a_run_ends_once
            unknown_runs_are_refused
            the_same_request_finds_its_run
            requests_at_the_same_moment_make_one_run
            a_closed_store_refuses_calls;
        list:
            pages_go_from_the_newest_to_the_oldest
            every_field_of_a_filter_is_applied
            fields_of_a_filter_can_be_combined
            output_is_searched_as_far_as_the_budget_goes
            unfinished_runs_are_found;
        statistics:
            hooks_are_counted_by_name
            windows_and_plans_bound_what_counts;
        retention:
            each_bound_removes_the_oldest
            a_dry_run_counts_what_pruning_removes
            runs_under_way_stay
            a_pruned_request_may_come_again;
    }
}
