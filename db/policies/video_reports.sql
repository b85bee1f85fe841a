-- Written by report_video(), read in ops.reports.

alter table private.video_reports enable row level security;

revoke all on private.video_reports from public, anon, authenticated, service_role;
