-- Written by commit fa795f0, then: sqlite3 FILE .dump
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES('born_ms','1789990000000');
INSERT INTO meta VALUES('cursor','41');
INSERT INTO meta VALUES('hold',replace('pause 1789990036000\noperator\nupgrade','\n',char(10)));
INSERT INTO meta VALUES('newest_change','41 digest');
CREATE TABLE studies (
      study_id       TEXT PRIMARY KEY,           -- Orthanc's
      last_update    TEXT NOT NULL DEFAULT '',
      first_seen_ms  INTEGER NOT NULL,
      last_change_ms INTEGER NOT NULL,
      due_ms         INTEGER
    ) WITHOUT ROWID;
INSERT INTO studies VALUES('cancelled','20260921T120000',1789990020000,1789990020000,NULL);
INSERT INTO studies VALUES('collecting','',1789990036000,1789990036000,1789990046000);
INSERT INTO studies VALUES('done','20260921T120000',1789990001000,1789990001000,NULL);
INSERT INTO studies VALUES('leased','20260921T120000',1789990031000,1789990031000,NULL);
INSERT INTO studies VALUES('not_evaluable','20260921T120000',1789990009000,1789990009000,NULL);
INSERT INTO studies VALUES('ready','20260921T120000',1789990034000,1789990034000,NULL);
INSERT INTO studies VALUES('retry_wait','20260921T120000',1789990023000,1789990023000,NULL);
INSERT INTO studies VALUES('skipped','20260921T120000',1789990018000,1789990018000,NULL);
INSERT INTO studies VALUES('storing','20260921T120000',1789990027000,1789990027000,NULL);
INSERT INTO studies VALUES('stuck','20260921T120000',1789990014000,1789990014000,NULL);
CREATE TABLE jobs (
      id             INTEGER PRIMARY KEY AUTOINCREMENT,
      study_id       TEXT NOT NULL,
      study_uid      TEXT NOT NULL,
      state          TEXT NOT NULL,
      priority       INTEGER NOT NULL,
      inputs_hash    TEXT NOT NULL DEFAULT '',
      pipeline_hash  TEXT NOT NULL DEFAULT '',
      fingerprint    TEXT NOT NULL DEFAULT '',
      attempt        INTEGER NOT NULL DEFAULT 0,
      failures       INTEGER NOT NULL DEFAULT 0,
      deaths         INTEGER NOT NULL DEFAULT 0,
      worker         TEXT NOT NULL DEFAULT '',
      lease_until_ms INTEGER NOT NULL DEFAULT 0,
      not_before_ms  INTEGER NOT NULL DEFAULT 0,
      created_ms     INTEGER NOT NULL,
      updated_ms     INTEGER NOT NULL,
      actor          TEXT NOT NULL,
      reason         TEXT NOT NULL,
      error_code     TEXT NOT NULL DEFAULT '',
      caveat         TEXT NOT NULL DEFAULT '',
      supersedes     INTEGER REFERENCES jobs (id)
    , patient_digest TEXT NOT NULL DEFAULT '', why TEXT NOT NULL DEFAULT '');
INSERT INTO jobs VALUES(1,'done','1.2.3.1','done',1,'inputs of done','pipeline','01bf760221d85a6d1864e70ad667bfab08be2dab99351c68287ea3baf536d340',1,0,0,'w',1789990063000,0,1789990001000,1789990005000,'dispatch','stored in Orthanc and read back','','',NULL,'patient of done','');
INSERT INTO jobs VALUES(2,'not_evaluable','1.2.3.2','not_evaluable',1,'inputs of not_evaluable','pipeline','7043a2207d6311f03fdc78678ed72f704c5d11037c3ffd5c542f2a6b69b65fbd',1,0,0,'w',1789990071000,0,1789990009000,1789990013000,'dispatch','stored in Orthanc and read back','','',NULL,'patient of not_evaluable','');
INSERT INTO jobs VALUES(3,'stuck','1.2.3.3','stuck',1,'inputs of stuck','pipeline','a726c89606b6059ed2f185306986329086f0e02dbe9f557c92fa537012b1f7d0',1,1,0,'w',1789990076000,0,1789990014000,1789990017000,'worker w','load: not readable; check the images','invalid_input','',NULL,'patient of stuck','[{"code":"failed_for_good","text":"a failure","values":[]}]');
INSERT INTO jobs VALUES(4,'skipped','','skipped',1,'','','',0,0,0,'',0,0,1789990018000,1789990019000,'intake','not an MRI study: it has only CT','','',NULL,'','');
INSERT INTO jobs VALUES(5,'cancelled','1.2.3.5','cancelled',1,'inputs of cancelled','','',0,0,0,'',0,0,1789990020000,1789990022000,'intake','the study was deleted','','',NULL,'patient of cancelled','');
INSERT INTO jobs VALUES(6,'retry_wait','1.2.3.6','retry_wait',1,'inputs of retry_wait','pipeline','ed0d4e3ac3b68e7b64518ac44e55dee6c619c06e63ac1d31da42f7ab89ff0fd9',1,1,1,'w',1789990085000,1789990322000,1789990023000,1789990026000,'dispatch','worker w went silent; again in 300 s','unavailable','',NULL,'patient of retry_wait','');
INSERT INTO jobs VALUES(7,'storing','1.2.3.7','storing',1,'inputs of storing','pipeline','a351918f3143fa42d3620afb5cab770032c574e6dfb8dffcb47485234e28a93f',1,0,0,'w',1789990089000,0,1789990027000,1789990030000,'worker w','the result is here','','',NULL,'patient of storing','');
INSERT INTO jobs VALUES(8,'leased','1.2.3.8','leased',1,'inputs of leased','pipeline','2bb00614351d6f539bcafa752934556d2f43f083911d29ef2548bae4f2241685',1,0,0,'w',1789990093000,0,1789990031000,1789990033000,'worker w','handed out','','',NULL,'patient of leased','');
INSERT INTO jobs VALUES(9,'ready','1.2.3.9','ready',1,'inputs of ready','','',0,0,0,'',0,0,1789990034000,1789990035000,'intake','complete','','',NULL,'patient of ready','');
INSERT INTO jobs VALUES(10,'collecting','','collecting',1,'','','',0,0,0,'',0,0,1789990036000,1789990036000,'intake','instances came','','',NULL,'','');
CREATE TABLE history (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      job      INTEGER NOT NULL REFERENCES jobs (id),
      at_ms    INTEGER NOT NULL,
      actor    TEXT NOT NULL,
      event    TEXT NOT NULL,
      from_state TEXT NOT NULL,
      to_state TEXT NOT NULL,
      attempt  INTEGER NOT NULL,
      reason   TEXT NOT NULL
    );
INSERT INTO history VALUES(1,1,1789990001000,'intake','opened','','collecting',0,'instances came');
INSERT INTO history VALUES(2,1,1789990002000,'intake','gate_opened','collecting','ready',0,'complete');
INSERT INTO history VALUES(3,1,1789990003000,'worker w','lease','ready','leased',1,'handed out');
INSERT INTO history VALUES(4,1,1789990004000,'worker w','result_received','leased','storing',1,'the result is here');
INSERT INTO history VALUES(5,1,1789990005000,'dispatch','verified','storing','done',1,'stored in Orthanc and read back');
INSERT INTO history VALUES(6,2,1789990009000,'intake','opened','','collecting',0,'instances came');
INSERT INTO history VALUES(7,2,1789990010000,'intake','gate_opened','collecting','ready',0,'complete');
INSERT INTO history VALUES(8,2,1789990011000,'worker w','lease','ready','leased',1,'handed out');
INSERT INTO history VALUES(9,2,1789990012000,'worker w','result_received','leased','storing',1,'the result is here');
INSERT INTO history VALUES(10,2,1789990013000,'dispatch','verified_not_evaluable','storing','not_evaluable',1,'stored in Orthanc and read back');
INSERT INTO history VALUES(11,3,1789990014000,'intake','opened','','collecting',0,'instances came');
INSERT INTO history VALUES(12,3,1789990015000,'intake','gate_opened','collecting','ready',0,'complete');
INSERT INTO history VALUES(13,3,1789990016000,'worker w','lease','ready','leased',1,'handed out');
INSERT INTO history VALUES(14,3,1789990017000,'worker w','failed_for_good','leased','stuck',1,'load: not readable; check the images');
INSERT INTO history VALUES(15,4,1789990018000,'intake','opened','','collecting',0,'instances came');
INSERT INTO history VALUES(16,4,1789990019000,'intake','not_selected','collecting','skipped',0,'not an MRI study: it has only CT');
INSERT INTO history VALUES(17,5,1789990020000,'intake','opened','','collecting',0,'instances came');
INSERT INTO history VALUES(18,5,1789990021000,'intake','gate_opened','collecting','ready',0,'complete');
INSERT INTO history VALUES(19,5,1789990022000,'intake','cancel','ready','cancelled',0,'the study was deleted');
INSERT INTO history VALUES(20,6,1789990023000,'intake','opened','','collecting',0,'instances came');
INSERT INTO history VALUES(21,6,1789990024000,'intake','gate_opened','collecting','ready',0,'complete');
INSERT INTO history VALUES(22,6,1789990025000,'worker w','lease','ready','leased',1,'handed out');
INSERT INTO history VALUES(23,6,1789990026000,'dispatch','failed_for_now','leased','retry_wait',1,'worker w went silent; again in 300 s');
INSERT INTO history VALUES(24,7,1789990027000,'intake','opened','','collecting',0,'instances came');
INSERT INTO history VALUES(25,7,1789990028000,'intake','gate_opened','collecting','ready',0,'complete');
INSERT INTO history VALUES(26,7,1789990029000,'worker w','lease','ready','leased',1,'handed out');
INSERT INTO history VALUES(27,7,1789990030000,'worker w','result_received','leased','storing',1,'the result is here');
INSERT INTO history VALUES(28,8,1789990031000,'intake','opened','','collecting',0,'instances came');
INSERT INTO history VALUES(29,8,1789990032000,'intake','gate_opened','collecting','ready',0,'complete');
INSERT INTO history VALUES(30,8,1789990033000,'worker w','lease','ready','leased',1,'handed out');
INSERT INTO history VALUES(31,9,1789990034000,'intake','opened','','collecting',0,'instances came');
INSERT INTO history VALUES(32,9,1789990035000,'intake','gate_opened','collecting','ready',0,'complete');
INSERT INTO history VALUES(33,10,1789990036000,'intake','opened','','collecting',0,'instances came');
CREATE TABLE results (
      job              INTEGER NOT NULL REFERENCES jobs (id),
      sop_instance_uid TEXT NOT NULL,
      sop_class_uid    TEXT NOT NULL,
      sha256           TEXT NOT NULL,
      attempt          INTEGER NOT NULL,         -- the last one that wrote it
      PRIMARY KEY (job, sop_instance_uid)
    ) WITHOUT ROWID;
INSERT INTO results VALUES(1,'1.2.3.4.1','1.2.840.10008.5.1.4.1.1.88.34','sha',1);
INSERT INTO results VALUES(2,'1.2.3.4.2','1.2.840.10008.5.1.4.1.1.88.34','sha',1);
INSERT INTO results VALUES(7,'1.2.3.4.7','1.2.840.10008.5.1.4.1.1.88.34','sha',1);
CREATE TABLE deliveries (
      job           INTEGER NOT NULL REFERENCES jobs (id),
      destination   TEXT NOT NULL,
      state         TEXT NOT NULL,
      attempts      INTEGER NOT NULL DEFAULT 0,
      not_before_ms INTEGER NOT NULL,
      reason        TEXT NOT NULL DEFAULT '',
      PRIMARY KEY (job, destination)
    ) WITHOUT ROWID;
INSERT INTO deliveries VALUES(1,'ARCHIVE','waiting',0,1789990005000,'');
INSERT INTO deliveries VALUES(1,'GONE','failed',0,1789990007000,'it refused');
INSERT INTO deliveries VALUES(1,'MIRROR','sending',0,1789990008000,'');
INSERT INTO deliveries VALUES(1,'PACS','sent',0,1789990006000,'');
CREATE TABLE digests (
      day           TEXT NOT NULL,
      way           TEXT NOT NULL,
      state         TEXT NOT NULL,
      attempts      INTEGER NOT NULL DEFAULT 0,
      not_before_ms INTEGER NOT NULL,
      until_ms      INTEGER NOT NULL DEFAULT 0,
      reason        TEXT NOT NULL DEFAULT '',
      PRIMARY KEY (day, way)
    ) WITHOUT ROWID;
INSERT INTO digests VALUES('2026-09-21','mail','sent',1,1789990096000,1789990036000,'');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('jobs',10);
INSERT INTO sqlite_sequence VALUES('history',33);
CREATE INDEX studies_due ON studies (due_ms) WHERE due_ms IS NOT NULL;
CREATE UNIQUE INDEX jobs_one_open ON jobs (study_id)
      WHERE state IN ('collecting', 'ready', 'leased', 'storing', 'retry_wait');
CREATE INDEX jobs_by_study ON jobs (study_id, id);
CREATE INDEX jobs_by_state ON jobs (state, priority, created_ms);
CREATE INDEX history_by_job ON history (job, sequence);
CREATE TRIGGER history_no_update BEFORE UPDATE ON history
        BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER history_no_delete BEFORE DELETE ON history
        BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE INDEX deliveries_waiting ON deliveries (not_before_ms) WHERE state = 'waiting';
CREATE INDEX deliveries_sending ON deliveries (job) WHERE state = 'sending';
CREATE INDEX results_by_uid ON results (sop_instance_uid);
CREATE UNIQUE INDEX jobs_one_done ON jobs (fingerprint) WHERE state IN ('done', 'not_evaluable');
CREATE INDEX jobs_by_update ON jobs (updated_ms);
CREATE INDEX history_by_time ON history (at_ms);
COMMIT;
PRAGMA user_version=6;
