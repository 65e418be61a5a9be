-- Written by commit f0c34ec, then: sqlite3 FILE .dump
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES('born_ms','1789990000000');
INSERT INTO meta VALUES('cursor','41');
INSERT INTO meta VALUES('newest_change','41 digest');
CREATE TABLE studies (
      study_id       TEXT PRIMARY KEY,           -- Orthanc's
      last_update    TEXT NOT NULL DEFAULT '',
      first_seen_ms  INTEGER NOT NULL,
      last_change_ms INTEGER NOT NULL,
      due_ms         INTEGER
    ) WITHOUT ROWID;
INSERT INTO studies VALUES('cancelled','20260921T120000',1789990015000,1789990015000,NULL);
INSERT INTO studies VALUES('collecting','',1789990031000,1789990031000,1789990041000);
INSERT INTO studies VALUES('done','20260921T120000',1789990001000,1789990001000,NULL);
INSERT INTO studies VALUES('leased','20260921T120000',1789990026000,1789990026000,NULL);
INSERT INTO studies VALUES('ready','20260921T120000',1789990029000,1789990029000,NULL);
INSERT INTO studies VALUES('retry_wait','20260921T120000',1789990018000,1789990018000,NULL);
INSERT INTO studies VALUES('skipped','20260921T120000',1789990013000,1789990013000,NULL);
INSERT INTO studies VALUES('storing','20260921T120000',1789990022000,1789990022000,NULL);
INSERT INTO studies VALUES('stuck','20260921T120000',1789990009000,1789990009000,NULL);
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
    );
INSERT INTO jobs VALUES(1,'done','1.2.3.1','done',1,'inputs of done','pipeline','55e5d1671bad1fc935e0e5565ca4f22dc829b555c0b3931ff1932c5caa68b731',1,0,0,'w',1789990063000,0,1789990001000,1789990005000,'dispatch','stored in Orthanc and read back','','',NULL);
INSERT INTO jobs VALUES(2,'stuck','1.2.3.2','stuck',1,'inputs of stuck','pipeline','611a6e4168dbffc43e8959dcb4d93edf311ad53a83c7d77a847b22ba2c5b3177',1,1,0,'w',1789990071000,0,1789990009000,1789990012000,'worker w','load: not readable; check the images','invalid_input','',NULL);
INSERT INTO jobs VALUES(3,'skipped','','skipped',1,'','','',0,0,0,'',0,0,1789990013000,1789990014000,'intake','not an MRI study: it has only CT','','',NULL);
INSERT INTO jobs VALUES(4,'cancelled','1.2.3.4','cancelled',1,'inputs of cancelled','','',0,0,0,'',0,0,1789990015000,1789990017000,'intake','the study was deleted','','',NULL);
INSERT INTO jobs VALUES(5,'retry_wait','1.2.3.5','retry_wait',1,'inputs of retry_wait','pipeline','f8b6539620467ca6eb54b0046f8eaa1286c417d05b9f4d3e3d57d9543994e0d3',1,1,1,'w',1789990080000,1789990317000,1789990018000,1789990021000,'dispatch','worker w went silent; again in 300 s','unavailable','',NULL);
INSERT INTO jobs VALUES(6,'storing','1.2.3.6','storing',1,'inputs of storing','pipeline','8b3840f7486670ddd5dfed365fc54f716a9da57bea2330274b4d1f6f377d5851',1,0,0,'w',1789990084000,0,1789990022000,1789990025000,'worker w','the result is here','','',NULL);
INSERT INTO jobs VALUES(7,'leased','1.2.3.7','leased',1,'inputs of leased','pipeline','c4c7080248d6787d134249a1cf9cc677cc5d1a592647685d209754f882ce5896',1,0,0,'w',1789990088000,0,1789990026000,1789990028000,'worker w','handed out','','',NULL);
INSERT INTO jobs VALUES(8,'ready','1.2.3.8','ready',1,'inputs of ready','','',0,0,0,'',0,0,1789990029000,1789990030000,'intake','complete','','',NULL);
INSERT INTO jobs VALUES(9,'collecting','','collecting',1,'','','',0,0,0,'',0,0,1789990031000,1789990031000,'intake','instances came','','',NULL);
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
INSERT INTO history VALUES(9,2,1789990012000,'worker w','failed_for_good','leased','stuck',1,'load: not readable; check the images');
INSERT INTO history VALUES(10,3,1789990013000,'intake','opened','','collecting',0,'instances came');
INSERT INTO history VALUES(11,3,1789990014000,'intake','not_selected','collecting','skipped',0,'not an MRI study: it has only CT');
INSERT INTO history VALUES(12,4,1789990015000,'intake','opened','','collecting',0,'instances came');
INSERT INTO history VALUES(13,4,1789990016000,'intake','gate_opened','collecting','ready',0,'complete');
INSERT INTO history VALUES(14,4,1789990017000,'intake','cancel','ready','cancelled',0,'the study was deleted');
INSERT INTO history VALUES(15,5,1789990018000,'intake','opened','','collecting',0,'instances came');
INSERT INTO history VALUES(16,5,1789990019000,'intake','gate_opened','collecting','ready',0,'complete');
INSERT INTO history VALUES(17,5,1789990020000,'worker w','lease','ready','leased',1,'handed out');
INSERT INTO history VALUES(18,5,1789990021000,'dispatch','failed_for_now','leased','retry_wait',1,'worker w went silent; again in 300 s');
INSERT INTO history VALUES(19,6,1789990022000,'intake','opened','','collecting',0,'instances came');
INSERT INTO history VALUES(20,6,1789990023000,'intake','gate_opened','collecting','ready',0,'complete');
INSERT INTO history VALUES(21,6,1789990024000,'worker w','lease','ready','leased',1,'handed out');
INSERT INTO history VALUES(22,6,1789990025000,'worker w','result_received','leased','storing',1,'the result is here');
INSERT INTO history VALUES(23,7,1789990026000,'intake','opened','','collecting',0,'instances came');
INSERT INTO history VALUES(24,7,1789990027000,'intake','gate_opened','collecting','ready',0,'complete');
INSERT INTO history VALUES(25,7,1789990028000,'worker w','lease','ready','leased',1,'handed out');
INSERT INTO history VALUES(26,8,1789990029000,'intake','opened','','collecting',0,'instances came');
INSERT INTO history VALUES(27,8,1789990030000,'intake','gate_opened','collecting','ready',0,'complete');
INSERT INTO history VALUES(28,9,1789990031000,'intake','opened','','collecting',0,'instances came');
CREATE TABLE results (
      job              INTEGER NOT NULL REFERENCES jobs (id),
      sop_instance_uid TEXT NOT NULL,
      sop_class_uid    TEXT NOT NULL,
      sha256           TEXT NOT NULL,
      attempt          INTEGER NOT NULL,         -- the last one that wrote it
      PRIMARY KEY (job, sop_instance_uid)
    ) WITHOUT ROWID;
INSERT INTO results VALUES(1,'1.2.3.4.1','1.2.840.10008.5.1.4.1.1.88.34','sha',1);
INSERT INTO results VALUES(6,'1.2.3.4.6','1.2.840.10008.5.1.4.1.1.88.34','sha',1);
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
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('jobs',9);
INSERT INTO sqlite_sequence VALUES('history',28);
CREATE INDEX studies_due ON studies (due_ms) WHERE due_ms IS NOT NULL;
CREATE UNIQUE INDEX jobs_one_open ON jobs (study_id)
      WHERE state IN ('collecting', 'ready', 'leased', 'storing', 'retry_wait');
CREATE UNIQUE INDEX jobs_one_done ON jobs (fingerprint) WHERE state = 'done';
CREATE INDEX jobs_by_study ON jobs (study_id, id);
CREATE INDEX jobs_by_state ON jobs (state, priority, created_ms);
CREATE INDEX history_by_job ON history (job, sequence);
CREATE TRIGGER history_no_update BEFORE UPDATE ON history
        BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER history_no_delete BEFORE DELETE ON history
        BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE INDEX deliveries_waiting ON deliveries (not_before_ms) WHERE state = 'waiting';
CREATE INDEX deliveries_sending ON deliveries (job) WHERE state = 'sending';
COMMIT;
PRAGMA user_version=2;
