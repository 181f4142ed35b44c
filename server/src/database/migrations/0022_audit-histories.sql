-- The evidence behind decisions: a history's bytes are named by their hash, which is sealed.
select seal_rows_written_once('workflow_bundle', '{bundle_hash}');
select seal_rows_written_once('workflow_history', '{history_hash}');
select seal_rows_written_once('workflow_history_gone', '{workflow_id}');
