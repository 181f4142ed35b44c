-- When a run was last opened or resumed: of several open runs, the one that is traded now.
alter table run add column last_started_at time_ms;
