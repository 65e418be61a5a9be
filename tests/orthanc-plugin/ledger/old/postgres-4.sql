-- Written by commit 538921c, then: pg_dump --inserts --no-owner --no-privileges --schema=osteon_ledger
CREATE SCHEMA osteon_ledger;
CREATE FUNCTION osteon_ledger.history_refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'history is append-only'; END $$;
CREATE TABLE osteon_ledger.deliveries (
    job bigint NOT NULL,
    destination text NOT NULL,
    state text NOT NULL,
    attempts bigint DEFAULT 0 NOT NULL,
    not_before_ms bigint NOT NULL,
    reason text DEFAULT ''::text NOT NULL
);
CREATE TABLE osteon_ledger.history (
    sequence bigint NOT NULL,
    job bigint NOT NULL,
    at_ms bigint NOT NULL,
    actor text NOT NULL,
    event text NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    attempt bigint NOT NULL,
    reason text NOT NULL
);
ALTER TABLE osteon_ledger.history ALTER COLUMN sequence ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME osteon_ledger.history_sequence_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE osteon_ledger.jobs (
    id bigint NOT NULL,
    study_id text NOT NULL,
    study_uid text NOT NULL,
    state text NOT NULL,
    priority bigint NOT NULL,
    inputs_hash text DEFAULT ''::text NOT NULL,
    pipeline_hash text DEFAULT ''::text NOT NULL,
    fingerprint text DEFAULT ''::text NOT NULL,
    attempt bigint DEFAULT 0 NOT NULL,
    failures bigint DEFAULT 0 NOT NULL,
    deaths bigint DEFAULT 0 NOT NULL,
    worker text DEFAULT ''::text NOT NULL,
    lease_until_ms bigint DEFAULT 0 NOT NULL,
    not_before_ms bigint DEFAULT 0 NOT NULL,
    created_ms bigint NOT NULL,
    updated_ms bigint NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    error_code text DEFAULT ''::text NOT NULL,
    caveat text DEFAULT ''::text NOT NULL,
    supersedes bigint,
    patient_digest text DEFAULT ''::text NOT NULL
);
ALTER TABLE osteon_ledger.jobs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME osteon_ledger.jobs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE osteon_ledger.meta (
    key text NOT NULL,
    value text NOT NULL
);
CREATE TABLE osteon_ledger.results (
    job bigint NOT NULL,
    sop_instance_uid text NOT NULL,
    sop_class_uid text NOT NULL,
    sha256 text NOT NULL,
    attempt bigint NOT NULL
);
CREATE TABLE osteon_ledger.studies (
    study_id text NOT NULL,
    last_update text DEFAULT ''::text NOT NULL,
    first_seen_ms bigint NOT NULL,
    last_change_ms bigint NOT NULL,
    due_ms bigint
);
INSERT INTO osteon_ledger.deliveries VALUES (1, 'ARCHIVE', 'waiting', 0, 1789990005000, '');
INSERT INTO osteon_ledger.deliveries VALUES (1, 'PACS', 'sent', 0, 1789990006000, '');
INSERT INTO osteon_ledger.deliveries VALUES (1, 'GONE', 'failed', 0, 1789990007000, 'it refused');
INSERT INTO osteon_ledger.deliveries VALUES (1, 'MIRROR', 'sending', 0, 1789990008000, '');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (1, 1, 1789990001000, 'intake', 'opened', '', 'collecting', 0, 'instances came');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (2, 1, 1789990002000, 'intake', 'gate_opened', 'collecting', 'ready', 0, 'complete');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (3, 1, 1789990003000, 'worker w', 'lease', 'ready', 'leased', 1, 'handed out');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (4, 1, 1789990004000, 'worker w', 'result_received', 'leased', 'storing', 1, 'the result is here');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (5, 1, 1789990005000, 'dispatch', 'verified', 'storing', 'done', 1, 'stored in Orthanc and read back');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (6, 2, 1789990009000, 'intake', 'opened', '', 'collecting', 0, 'instances came');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (7, 2, 1789990010000, 'intake', 'gate_opened', 'collecting', 'ready', 0, 'complete');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (8, 2, 1789990011000, 'worker w', 'lease', 'ready', 'leased', 1, 'handed out');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (9, 2, 1789990012000, 'worker w', 'result_received', 'leased', 'storing', 1, 'the result is here');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (10, 2, 1789990013000, 'dispatch', 'verified_not_evaluable', 'storing', 'not_evaluable', 1, 'stored in Orthanc and read back');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (11, 3, 1789990014000, 'intake', 'opened', '', 'collecting', 0, 'instances came');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (12, 3, 1789990015000, 'intake', 'gate_opened', 'collecting', 'ready', 0, 'complete');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (13, 3, 1789990016000, 'worker w', 'lease', 'ready', 'leased', 1, 'handed out');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (14, 3, 1789990017000, 'worker w', 'failed_for_good', 'leased', 'stuck', 1, 'load: not readable; check the images');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (15, 4, 1789990018000, 'intake', 'opened', '', 'collecting', 0, 'instances came');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (16, 4, 1789990019000, 'intake', 'not_selected', 'collecting', 'skipped', 0, 'not an MRI study: it has only CT');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (17, 5, 1789990020000, 'intake', 'opened', '', 'collecting', 0, 'instances came');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (18, 5, 1789990021000, 'intake', 'gate_opened', 'collecting', 'ready', 0, 'complete');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (19, 5, 1789990022000, 'intake', 'cancel', 'ready', 'cancelled', 0, 'the study was deleted');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (20, 6, 1789990023000, 'intake', 'opened', '', 'collecting', 0, 'instances came');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (21, 6, 1789990024000, 'intake', 'gate_opened', 'collecting', 'ready', 0, 'complete');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (22, 6, 1789990025000, 'worker w', 'lease', 'ready', 'leased', 1, 'handed out');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (23, 6, 1789990026000, 'dispatch', 'failed_for_now', 'leased', 'retry_wait', 1, 'worker w went silent; again in 300 s');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (24, 7, 1789990027000, 'intake', 'opened', '', 'collecting', 0, 'instances came');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (25, 7, 1789990028000, 'intake', 'gate_opened', 'collecting', 'ready', 0, 'complete');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (26, 7, 1789990029000, 'worker w', 'lease', 'ready', 'leased', 1, 'handed out');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (27, 7, 1789990030000, 'worker w', 'result_received', 'leased', 'storing', 1, 'the result is here');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (28, 8, 1789990031000, 'intake', 'opened', '', 'collecting', 0, 'instances came');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (29, 8, 1789990032000, 'intake', 'gate_opened', 'collecting', 'ready', 0, 'complete');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (30, 8, 1789990033000, 'worker w', 'lease', 'ready', 'leased', 1, 'handed out');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (31, 9, 1789990034000, 'intake', 'opened', '', 'collecting', 0, 'instances came');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (32, 9, 1789990035000, 'intake', 'gate_opened', 'collecting', 'ready', 0, 'complete');
INSERT INTO osteon_ledger.history OVERRIDING SYSTEM VALUE VALUES (33, 10, 1789990036000, 'intake', 'opened', '', 'collecting', 0, 'instances came');
INSERT INTO osteon_ledger.jobs OVERRIDING SYSTEM VALUE VALUES (1, 'done', '1.2.3.1', 'done', 1, 'inputs of done', 'pipeline', '01bf760221d85a6d1864e70ad667bfab08be2dab99351c68287ea3baf536d340', 1, 0, 0, 'w', 1789990063000, 0, 1789990001000, 1789990005000, 'dispatch', 'stored in Orthanc and read back', '', '', NULL, 'patient of done');
INSERT INTO osteon_ledger.jobs OVERRIDING SYSTEM VALUE VALUES (2, 'not_evaluable', '1.2.3.2', 'not_evaluable', 1, 'inputs of not_evaluable', 'pipeline', '7043a2207d6311f03fdc78678ed72f704c5d11037c3ffd5c542f2a6b69b65fbd', 1, 0, 0, 'w', 1789990071000, 0, 1789990009000, 1789990013000, 'dispatch', 'stored in Orthanc and read back', '', '', NULL, 'patient of not_evaluable');
INSERT INTO osteon_ledger.jobs OVERRIDING SYSTEM VALUE VALUES (3, 'stuck', '1.2.3.3', 'stuck', 1, 'inputs of stuck', 'pipeline', 'a726c89606b6059ed2f185306986329086f0e02dbe9f557c92fa537012b1f7d0', 1, 1, 0, 'w', 1789990076000, 0, 1789990014000, 1789990017000, 'worker w', 'load: not readable; check the images', 'invalid_input', '', NULL, 'patient of stuck');
INSERT INTO osteon_ledger.jobs OVERRIDING SYSTEM VALUE VALUES (4, 'skipped', '', 'skipped', 1, '', '', '', 0, 0, 0, '', 0, 0, 1789990018000, 1789990019000, 'intake', 'not an MRI study: it has only CT', '', '', NULL, '');
INSERT INTO osteon_ledger.jobs OVERRIDING SYSTEM VALUE VALUES (5, 'cancelled', '1.2.3.5', 'cancelled', 1, 'inputs of cancelled', '', '', 0, 0, 0, '', 0, 0, 1789990020000, 1789990022000, 'intake', 'the study was deleted', '', '', NULL, 'patient of cancelled');
INSERT INTO osteon_ledger.jobs OVERRIDING SYSTEM VALUE VALUES (6, 'retry_wait', '1.2.3.6', 'retry_wait', 1, 'inputs of retry_wait', 'pipeline', 'ed0d4e3ac3b68e7b64518ac44e55dee6c619c06e63ac1d31da42f7ab89ff0fd9', 1, 1, 1, 'w', 1789990085000, 1789990322000, 1789990023000, 1789990026000, 'dispatch', 'worker w went silent; again in 300 s', 'unavailable', '', NULL, 'patient of retry_wait');
INSERT INTO osteon_ledger.jobs OVERRIDING SYSTEM VALUE VALUES (7, 'storing', '1.2.3.7', 'storing', 1, 'inputs of storing', 'pipeline', 'a351918f3143fa42d3620afb5cab770032c574e6dfb8dffcb47485234e28a93f', 1, 0, 0, 'w', 1789990089000, 0, 1789990027000, 1789990030000, 'worker w', 'the result is here', '', '', NULL, 'patient of storing');
INSERT INTO osteon_ledger.jobs OVERRIDING SYSTEM VALUE VALUES (8, 'leased', '1.2.3.8', 'leased', 1, 'inputs of leased', 'pipeline', '2bb00614351d6f539bcafa752934556d2f43f083911d29ef2548bae4f2241685', 1, 0, 0, 'w', 1789990093000, 0, 1789990031000, 1789990033000, 'worker w', 'handed out', '', '', NULL, 'patient of leased');
INSERT INTO osteon_ledger.jobs OVERRIDING SYSTEM VALUE VALUES (9, 'ready', '1.2.3.9', 'ready', 1, 'inputs of ready', '', '', 0, 0, 0, '', 0, 0, 1789990034000, 1789990035000, 'intake', 'complete', '', '', NULL, 'patient of ready');
INSERT INTO osteon_ledger.jobs OVERRIDING SYSTEM VALUE VALUES (10, 'collecting', '', 'collecting', 1, '', '', '', 0, 0, 0, '', 0, 0, 1789990036000, 1789990036000, 'intake', 'instances came', '', '', NULL, '');
INSERT INTO osteon_ledger.meta VALUES ('born_ms', '1789990000000');
INSERT INTO osteon_ledger.meta VALUES ('schema', '4');
INSERT INTO osteon_ledger.meta VALUES ('cursor', '41');
INSERT INTO osteon_ledger.meta VALUES ('newest_change', '41 digest');
INSERT INTO osteon_ledger.results VALUES (1, '1.2.3.4.1', '1.2.840.10008.5.1.4.1.1.88.34', 'sha', 1);
INSERT INTO osteon_ledger.results VALUES (2, '1.2.3.4.2', '1.2.840.10008.5.1.4.1.1.88.34', 'sha', 1);
INSERT INTO osteon_ledger.results VALUES (7, '1.2.3.4.7', '1.2.840.10008.5.1.4.1.1.88.34', 'sha', 1);
INSERT INTO osteon_ledger.studies VALUES ('done', '20260921T120000', 1789990001000, 1789990001000, NULL);
INSERT INTO osteon_ledger.studies VALUES ('not_evaluable', '20260921T120000', 1789990009000, 1789990009000, NULL);
INSERT INTO osteon_ledger.studies VALUES ('stuck', '20260921T120000', 1789990014000, 1789990014000, NULL);
INSERT INTO osteon_ledger.studies VALUES ('skipped', '20260921T120000', 1789990018000, 1789990018000, NULL);
INSERT INTO osteon_ledger.studies VALUES ('cancelled', '20260921T120000', 1789990020000, 1789990020000, NULL);
INSERT INTO osteon_ledger.studies VALUES ('retry_wait', '20260921T120000', 1789990023000, 1789990023000, NULL);
INSERT INTO osteon_ledger.studies VALUES ('storing', '20260921T120000', 1789990027000, 1789990027000, NULL);
INSERT INTO osteon_ledger.studies VALUES ('leased', '20260921T120000', 1789990031000, 1789990031000, NULL);
INSERT INTO osteon_ledger.studies VALUES ('ready', '20260921T120000', 1789990034000, 1789990034000, NULL);
INSERT INTO osteon_ledger.studies VALUES ('collecting', '', 1789990036000, 1789990036000, 1789990046000);
SELECT pg_catalog.setval('osteon_ledger.history_sequence_seq', 33, true);
SELECT pg_catalog.setval('osteon_ledger.jobs_id_seq', 10, true);
ALTER TABLE ONLY osteon_ledger.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (job, destination);
ALTER TABLE ONLY osteon_ledger.history
    ADD CONSTRAINT history_pkey PRIMARY KEY (sequence);
ALTER TABLE ONLY osteon_ledger.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY osteon_ledger.meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (key);
ALTER TABLE ONLY osteon_ledger.results
    ADD CONSTRAINT results_pkey PRIMARY KEY (job, sop_instance_uid);
ALTER TABLE ONLY osteon_ledger.studies
    ADD CONSTRAINT studies_pkey PRIMARY KEY (study_id);
CREATE INDEX deliveries_sending ON osteon_ledger.deliveries USING btree (job) WHERE (state = 'sending'::text);
CREATE INDEX deliveries_waiting ON osteon_ledger.deliveries USING btree (not_before_ms) WHERE (state = 'waiting'::text);
CREATE INDEX history_by_job ON osteon_ledger.history USING btree (job, sequence);
CREATE INDEX jobs_by_state ON osteon_ledger.jobs USING btree (state, priority, created_ms);
CREATE INDEX jobs_by_study ON osteon_ledger.jobs USING btree (study_id, id);
CREATE UNIQUE INDEX jobs_one_done ON osteon_ledger.jobs USING btree (fingerprint) WHERE (state = ANY (ARRAY['done'::text, 'not_evaluable'::text]));
CREATE UNIQUE INDEX jobs_one_open ON osteon_ledger.jobs USING btree (study_id) WHERE (state = ANY (ARRAY['collecting'::text, 'ready'::text, 'leased'::text, 'storing'::text, 'retry_wait'::text]));
CREATE INDEX results_by_uid ON osteon_ledger.results USING btree (sop_instance_uid);
CREATE INDEX studies_due ON osteon_ledger.studies USING btree (due_ms) WHERE (due_ms IS NOT NULL);
CREATE TRIGGER history_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON osteon_ledger.history FOR EACH STATEMENT EXECUTE FUNCTION osteon_ledger.history_refuse();
ALTER TABLE ONLY osteon_ledger.deliveries
    ADD CONSTRAINT deliveries_job_fkey FOREIGN KEY (job) REFERENCES osteon_ledger.jobs(id);
ALTER TABLE ONLY osteon_ledger.history
    ADD CONSTRAINT history_job_fkey FOREIGN KEY (job) REFERENCES osteon_ledger.jobs(id);
ALTER TABLE ONLY osteon_ledger.jobs
    ADD CONSTRAINT jobs_supersedes_fkey FOREIGN KEY (supersedes) REFERENCES osteon_ledger.jobs(id);
ALTER TABLE ONLY osteon_ledger.results
    ADD CONSTRAINT results_job_fkey FOREIGN KEY (job) REFERENCES osteon_ledger.jobs(id);
