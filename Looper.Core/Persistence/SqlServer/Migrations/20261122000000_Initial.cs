using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Looper.Core.Persistence.SqlServer.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "alerts",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    decision_point_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    condition = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: false),
                    subject = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    model_number = table.Column<int>(type: "int", nullable: true),
                    weight = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    value = table.Column<double>(type: "float", nullable: true),
                    limit = table.Column<double>(type: "float", nullable: true),
                    sentence = table.Column<string>(type: "nvarchar(1000)", maxLength: 1000, nullable: false),
                    fired_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    seen_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    cleared_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    revision = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_alerts", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "api_keys",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    name = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    public_id = table.Column<string>(type: "nvarchar(8)", maxLength: 8, nullable: false),
                    secret_hash = table.Column<byte[]>(type: "varbinary(32)", maxLength: 32, nullable: false),
                    last_four = table.Column<string>(type: "nvarchar(4)", maxLength: 4, nullable: false),
                    scopes = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    decision_points = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    created_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    revoked_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    last_used_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    is_simulated = table.Column<bool>(type: "bit", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_api_keys", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "audit_entries",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    who = table.Column<string>(type: "nvarchar(320)", maxLength: 320, nullable: false),
                    action = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: false),
                    subject = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    before = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    after = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    reason = table.Column<string>(type: "nvarchar(2000)", maxLength: 2000, nullable: true),
                    hash = table.Column<byte[]>(type: "varbinary(32)", maxLength: 32, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_entries", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "decision_points",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    key = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false),
                    name = table.Column<string>(type: "nvarchar(80)", maxLength: 80, nullable: false),
                    description = table.Column<string>(type: "nvarchar(280)", maxLength: 280, nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    created_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    is_paused = table.Column<bool>(type: "bit", nullable: false),
                    is_archived = table.Column<bool>(type: "bit", nullable: false),
                    is_simulated = table.Column<bool>(type: "bit", nullable: false),
                    current_version = table.Column<int>(type: "int", nullable: false),
                    salt = table.Column<long>(type: "bigint", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_decision_points", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "effect_reports",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    experiment_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    job_run_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    computed_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    requested_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    metric = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    verdict = table.Column<string>(type: "nvarchar(2000)", maxLength: 2000, nullable: false),
                    content = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    units = table.Column<byte[]>(type: "varbinary(max)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_effect_reports", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "experiments",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    key = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: false),
                    name = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    hypothesis = table.Column<string>(type: "nvarchar(2000)", maxLength: 2000, nullable: true),
                    decision_point_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    state = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    plan = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    conclusion = table.Column<string>(type: "nvarchar(2000)", maxLength: 2000, nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    created_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    started_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    stopped_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    ramp_step = table.Column<int>(type: "int", nullable: false),
                    ramp_step_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    ramp_held = table.Column<string>(type: "nvarchar(1000)", maxLength: 1000, nullable: true),
                    allocation = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    allocation_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    allocation_held = table.Column<string>(type: "nvarchar(1000)", maxLength: 1000, nullable: true),
                    testers = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    approval = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    shipped_arm = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: true),
                    shipped_version = table.Column<int>(type: "int", nullable: true),
                    shipped_over = table.Column<int>(type: "int", nullable: true),
                    shipped_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    is_imported = table.Column<bool>(type: "bit", nullable: false),
                    salt = table.Column<long>(type: "bigint", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_experiments", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "gate_decisions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    decision_point_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    outcome = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    model_number = table.Column<int>(type: "int", nullable: false),
                    live_number = table.Column<int>(type: "int", nullable: true),
                    at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    stage = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    verdict = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    decided_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    reason = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    evidence = table.Column<string>(type: "nvarchar(max)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_gate_decisions", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "job_log_lines",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    job_run_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    text = table.Column<string>(type: "nvarchar(4000)", maxLength: 4000, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_job_log_lines", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "job_runs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    kind = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: false),
                    decision_point_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    subject = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    input = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    state = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    phase = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    percent = table.Column<double>(type: "float", nullable: false),
                    detail = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    result = table.Column<string>(type: "nvarchar(2000)", maxLength: 2000, nullable: true),
                    requested_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    requested_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    started_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    ended_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    heartbeat_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    token = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_job_runs", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "learned_bandits",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    decision_point_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    arm = table.Column<string>(type: "nvarchar(97)", maxLength: 97, nullable: false),
                    version = table.Column<int>(type: "int", nullable: false),
                    number = table.Column<int>(type: "int", nullable: false),
                    rows = table.Column<long>(type: "bigint", nullable: false),
                    learned_until = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    learned_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    whole_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    whole_rows = table.Column<long>(type: "bigint", nullable: false),
                    state = table.Column<byte[]>(type: "varbinary(max)", nullable: false),
                    steps = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_learned_bandits", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "long_term_reports",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    experiment_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    job_run_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    computed_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    requested_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    metric = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    verdict = table.Column<string>(type: "nvarchar(2000)", maxLength: 2000, nullable: false),
                    content = table.Column<string>(type: "nvarchar(max)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_long_term_reports", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "models",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    decision_point_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    number = table.Column<int>(type: "int", nullable: false),
                    outcome = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    state = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    blueprint_version = table.Column<int>(type: "int", nullable: false),
                    family = table.Column<string>(type: "nvarchar(100)", maxLength: 100, nullable: false),
                    seed = table.Column<long>(type: "bigint", nullable: false),
                    data_from = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    data_until = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    rows = table.Column<long>(type: "bigint", nullable: false),
                    trained_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    train_seconds = table.Column<double>(type: "float", nullable: false),
                    job_run_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    metrics = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    importance = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    behaviour = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    data = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    preparation = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    profile = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    shadow = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    settings = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    evidence = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    artefact = table.Column<byte[]>(type: "varbinary(max)", nullable: false),
                    shadowed_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    promoted_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    retired_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    revision = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_models", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "reports",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    experiment_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    computed_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    data_until = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    content = table.Column<string>(type: "nvarchar(max)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_reports", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "settings",
                columns: table => new
                {
                    key = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    value = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_settings", x => x.key);
                });

            migrationBuilder.CreateTable(
                name: "studies",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    name = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    decision_point_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    state = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    plan = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    reason = table.Column<string>(type: "nvarchar(2000)", maxLength: 2000, nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    created_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    started_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    ended_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    read_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    revision = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_studies", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "study_trials",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    study_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    number = table.Column<int>(type: "int", nullable: false),
                    batch = table.Column<int>(type: "int", nullable: false),
                    state = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    is_logged = table.Column<bool>(type: "bit", nullable: false),
                    parameters = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    metrics = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    why = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    units = table.Column<long>(type: "bigint", nullable: true),
                    note = table.Column<string>(type: "nvarchar(2000)", maxLength: 2000, nullable: true),
                    asked_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    told_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    revision = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_study_trials", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "users",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    email = table.Column<string>(type: "nvarchar(320)", maxLength: 320, nullable: false),
                    email_key = table.Column<string>(type: "nvarchar(320)", maxLength: 320, nullable: false),
                    name = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    role = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    password_hash = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: false),
                    security_stamp = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false),
                    failed_sign_ins = table.Column<int>(type: "int", nullable: false),
                    locked_until = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    signed_in_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    revision = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_users", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "work_days",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    day = table.Column<DateOnly>(type: "date", nullable: false),
                    decision_point_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    kind = table.Column<string>(type: "nvarchar(60)", maxLength: 60, nullable: false),
                    nanoseconds = table.Column<long>(type: "bigint", nullable: false),
                    decisions = table.Column<long>(type: "bigint", nullable: false),
                    outcomes = table.Column<long>(type: "bigint", nullable: false),
                    bytes = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_work_days", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "apprentices",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    decision_point_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    policy = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    started_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    started_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    evaluation_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    asked_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    revision = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_apprentices", x => x.id);
                    table.ForeignKey(
                        name: "fk_apprentices_decision_point_id",
                        column: x => x.decision_point_id,
                        principalTable: "decision_points",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "blueprints",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    decision_point_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    version = table.Column<int>(type: "int", nullable: false),
                    hash = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false),
                    content = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    note = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    published_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    published_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    restored_from = table.Column<int>(type: "int", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_blueprints", x => x.id);
                    table.ForeignKey(
                        name: "fk_blueprints_decision_point_id",
                        column: x => x.decision_point_id,
                        principalTable: "decision_points",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "drafts",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    decision_point_id = table.Column<Guid>(type: "uniqueidentifier", nullable: true),
                    key = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    name = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    description = table.Column<string>(type: "nvarchar(2000)", maxLength: 2000, nullable: true),
                    content = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    note = table.Column<string>(type: "nvarchar(500)", maxLength: 500, nullable: true),
                    is_simulated = table.Column<bool>(type: "bit", nullable: false),
                    changed_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    changed_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_drafts", x => x.id);
                    table.ForeignKey(
                        name: "fk_drafts_decision_point_id",
                        column: x => x.decision_point_id,
                        principalTable: "decision_points",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ledger_entries",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    decision_point_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    measured_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    content = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    course = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    memory = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    revision = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ledger_entries", x => x.id);
                    table.ForeignKey(
                        name: "fk_ledger_entries_decision_point_id",
                        column: x => x.decision_point_id,
                        principalTable: "decision_points",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "policy_evaluations",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    decision_point_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    hash = table.Column<string>(type: "nvarchar(64)", maxLength: 64, nullable: false),
                    title = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    requested_by = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    made_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    result = table.Column<string>(type: "nvarchar(max)", nullable: false),
                    launched_version = table.Column<int>(type: "int", nullable: true),
                    launched_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    observed = table.Column<string>(type: "nvarchar(max)", nullable: true),
                    observed_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true),
                    revision = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_policy_evaluations", x => x.id);
                    table.ForeignKey(
                        name: "fk_policy_evaluations_decision_point_id",
                        column: x => x.decision_point_id,
                        principalTable: "decision_points",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "report_moments",
                columns: table => new
                {
                    report_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    content = table.Column<byte[]>(type: "varbinary(max)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_report_moments", x => x.report_id);
                    table.ForeignKey(
                        name: "fk_report_moments_report_id",
                        column: x => x.report_id,
                        principalTable: "reports",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "report_shares",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    report_id = table.Column<Guid>(type: "uniqueidentifier", nullable: false),
                    token_hash = table.Column<byte[]>(type: "varbinary(32)", maxLength: 32, nullable: false),
                    recipient = table.Column<string>(type: "nvarchar(200)", maxLength: 200, nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    created_by = table.Column<string>(type: "nvarchar(320)", maxLength: 320, nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: false),
                    revoked_at = table.Column<DateTimeOffset>(type: "datetimeoffset", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_report_shares", x => x.id);
                    table.ForeignKey(
                        name: "fk_report_shares_report_id",
                        column: x => x.report_id,
                        principalTable: "reports",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_alerts_decision_point_id_cleared_at",
                table: "alerts",
                columns: new[] { "decision_point_id", "cleared_at" });

            migrationBuilder.CreateIndex(
                name: "ix_alerts_fired_at",
                table: "alerts",
                column: "fired_at");

            migrationBuilder.CreateIndex(
                name: "ix_api_keys_public_id",
                table: "api_keys",
                column: "public_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_apprentices_decision_point_id",
                table: "apprentices",
                column: "decision_point_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_audit_entries_action_id",
                table: "audit_entries",
                columns: new[] { "action", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_entries_subject_id",
                table: "audit_entries",
                columns: new[] { "subject", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_blueprints_decision_point_id_version",
                table: "blueprints",
                columns: new[] { "decision_point_id", "version" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_decision_points_key",
                table: "decision_points",
                column: "key",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_drafts_decision_point_id",
                table: "drafts",
                column: "decision_point_id",
                unique: true,
                filter: "[decision_point_id] IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_effect_reports_experiment_id_computed_at",
                table: "effect_reports",
                columns: new[] { "experiment_id", "computed_at" });

            migrationBuilder.CreateIndex(
                name: "ix_experiments_decision_point_id",
                table: "experiments",
                column: "decision_point_id");

            migrationBuilder.CreateIndex(
                name: "ix_experiments_key",
                table: "experiments",
                column: "key",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_gate_decisions_decision_point_id_at",
                table: "gate_decisions",
                columns: new[] { "decision_point_id", "at" });

            migrationBuilder.CreateIndex(
                name: "ix_gate_decisions_decision_point_id_model_number",
                table: "gate_decisions",
                columns: new[] { "decision_point_id", "model_number" });

            migrationBuilder.CreateIndex(
                name: "ix_job_log_lines_job_run_id_id",
                table: "job_log_lines",
                columns: new[] { "job_run_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_job_runs_decision_point_id_requested_at",
                table: "job_runs",
                columns: new[] { "decision_point_id", "requested_at" });

            migrationBuilder.CreateIndex(
                name: "ix_job_runs_state_requested_at",
                table: "job_runs",
                columns: new[] { "state", "requested_at" });

            migrationBuilder.CreateIndex(
                name: "ix_learned_bandits_decision_point_id_arm",
                table: "learned_bandits",
                columns: new[] { "decision_point_id", "arm" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_ledger_entries_decision_point_id",
                table: "ledger_entries",
                column: "decision_point_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_long_term_reports_experiment_id_computed_at",
                table: "long_term_reports",
                columns: new[] { "experiment_id", "computed_at" });

            migrationBuilder.CreateIndex(
                name: "ix_models_decision_point_id_number",
                table: "models",
                columns: new[] { "decision_point_id", "number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_models_decision_point_id_outcome_state",
                table: "models",
                columns: new[] { "decision_point_id", "outcome", "state" });

            migrationBuilder.CreateIndex(
                name: "ix_policy_evaluations_decision_point_id_made_at",
                table: "policy_evaluations",
                columns: new[] { "decision_point_id", "made_at" });

            migrationBuilder.CreateIndex(
                name: "ix_report_shares_report_id",
                table: "report_shares",
                column: "report_id");

            migrationBuilder.CreateIndex(
                name: "ix_report_shares_token_hash",
                table: "report_shares",
                column: "token_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_reports_experiment_id_computed_at",
                table: "reports",
                columns: new[] { "experiment_id", "computed_at" });

            migrationBuilder.CreateIndex(
                name: "ix_studies_decision_point_id",
                table: "studies",
                column: "decision_point_id");

            migrationBuilder.CreateIndex(
                name: "ix_studies_state",
                table: "studies",
                column: "state");

            migrationBuilder.CreateIndex(
                name: "ix_study_trials_study_id_number",
                table: "study_trials",
                columns: new[] { "study_id", "number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_users_email_key",
                table: "users",
                column: "email_key",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_work_days_day_decision_point_id_kind",
                table: "work_days",
                columns: new[] { "day", "decision_point_id", "kind" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "alerts");

            migrationBuilder.DropTable(
                name: "api_keys");

            migrationBuilder.DropTable(
                name: "apprentices");

            migrationBuilder.DropTable(
                name: "audit_entries");

            migrationBuilder.DropTable(
                name: "blueprints");

            migrationBuilder.DropTable(
                name: "drafts");

            migrationBuilder.DropTable(
                name: "effect_reports");

            migrationBuilder.DropTable(
                name: "experiments");

            migrationBuilder.DropTable(
                name: "gate_decisions");

            migrationBuilder.DropTable(
                name: "job_log_lines");

            migrationBuilder.DropTable(
                name: "job_runs");

            migrationBuilder.DropTable(
                name: "learned_bandits");

            migrationBuilder.DropTable(
                name: "ledger_entries");

            migrationBuilder.DropTable(
                name: "long_term_reports");

            migrationBuilder.DropTable(
                name: "models");

            migrationBuilder.DropTable(
                name: "policy_evaluations");

            migrationBuilder.DropTable(
                name: "report_moments");

            migrationBuilder.DropTable(
                name: "report_shares");

            migrationBuilder.DropTable(
                name: "settings");

            migrationBuilder.DropTable(
                name: "studies");

            migrationBuilder.DropTable(
                name: "study_trials");

            migrationBuilder.DropTable(
                name: "users");

            migrationBuilder.DropTable(
                name: "work_days");

            migrationBuilder.DropTable(
                name: "decision_points");

            migrationBuilder.DropTable(
                name: "reports");
        }
    }
}
