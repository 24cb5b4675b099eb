using Looper.Core.Access;
using Looper.Core.Backups;
using Looper.Core.Decisions.Erasure;
using Looper.Core.Events;
using Looper.Core.Events.Shipping;
using Looper.Core.Persistence;
using Looper.Testing;
using Looper.Testing.Events;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Tests.Backups;

public sealed class BackupTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    [Fact]
    public async Task R15_a_backup_taken_under_load_is_a_prefix_that_holds_everything_acknowledged_before()
    {
        await using var source = await Installation.CreateAsync(_folder.File("source"));
        var (acknowledged, stop) = (0, false);
        var writing = Task.Run(async () =>
        {
            for (var i = 0; !Volatile.Read(ref stop); i += 20)
            {
                await source.Journal.AppendAsync([.. Enumerable.Range(i, 20).Select(n => Recorded.Decision($"d-{n}", unit: $"user-{n % 97}"))], durable: true, default);
                await source.Journal.AppendAsync([.. Enumerable.Range(i, 10).Select(n => new[] { Recorded.Observation($"o-{n}", $"d-{n}") })], default);
                Volatile.Write(ref acknowledged, i + 20);
            }
        });
        await Eventually.IsTrueAsync(() => Task.FromResult(Volatile.Read(ref acknowledged) > 1_000));
        for (var backup = 0; backup < Sizes.R15Backups; backup++)
        {
            var (before, to) = (Volatile.Read(ref acknowledged), _folder.File($"backup-{backup}"));
            var made = await source.Get<BackupActions>().RunAsync(to, default);
            Assert.Null(made.Refusal);
            var after = Volatile.Read(ref acknowledged);
            Assert.Equal(made.Value!.Files.Select(f => f.Path).Append(BackupManifest.Name).Order(), Directory.EnumerateFiles(to, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(to, f)).Order());
            await using var restored = new Installation(_folder.File($"restored-{backup}"));
            var (refusal, _, events) = await restored.RestoreAsync(to);
            Assert.Null(refusal);
            Assert.Equal((made.Value.Decisions, made.Value.Observations), (events!.Decisions, events.Observations));
            Assert.Equal(0, restored.Get<CorruptRecords>().Count);
            var ids = Column(restored.Path, "SELECT CAST(id AS TEXT) FROM decisions ORDER BY seq");
            Assert.InRange(ids.Count, before, after + 20);
            Assert.Equal(Enumerable.Range(0, ids.Count).Select(n => $"d-{n}"), ids); // no hole, nothing twice
            output.WriteLine($"R15, N {Sizes.R15Backups}: {before} acknowledged before, {ids.Count} restored, {after} acknowledged after the backup");
        }
        Volatile.Write(ref stop, true);
        await writing;
        output.WriteLine(FaultLedger.Line("R15", Sizes.R15Backups, "backups under load, each a prefix that holds everything acknowledged before"));
    }

    [Fact]
    public async Task R15_units_erased_after_the_backup_are_erased_again_by_a_restore()
    {
        var backup = _folder.File("backup");
        await using (var source = await Installation.CreateAsync(_folder.File("source")))
        {
            foreach (var unit in (string[])["anna", "ben", "carl"])
            {
                await source.Journal.AppendAsync(Recorded.Decision($"d-{unit}", unit: unit), durable: true, default);
                await source.Journal.AppendAsync([Recorded.Observation($"o-{unit}", unit: unit)], default);
            }
            Assert.Null((await source.Get<ErasureActions>().EraseAsync(Caller.System, "carl", "carl", default)).Refusal);
            Assert.Null((await source.Get<BackupActions>().RunAsync(backup, default)).Refusal);
            Assert.Null((await source.Get<ErasureActions>().EraseAsync(Caller.System, "anna", "anna", default)).Refusal);
        }
        await using (var without = new Installation(_folder.File("without")))
        {
            Assert.Equal(new RestoredEvents(2, 2, 1, 0), (await without.RestoreAsync(backup)).Events); // nobody could know
        }
        await using (var with = new Installation(_folder.File("with")))
        {
            Assert.Equal(new RestoredEvents(2, 2, 2, 1), (await with.RestoreAsync(backup, erasures: _folder.File("source"))).Events);
            Assert.Equal(["d-ben"], Column(with.Path, "SELECT CAST(id AS TEXT) FROM decisions"));
            Assert.Equal(["o-ben"], Column(with.Path, "SELECT CAST(id AS TEXT) FROM observations"));
        }
        await using var again = new Installation(_folder.File("source"));
        var (refusal, aside, events) = await again.RestoreAsync(backup, replace: true);
        Assert.Null(refusal);
        Assert.Equal(1, events!.Units); // from the directory that it replaced
        Assert.Empty(Column(aside, "SELECT CAST(id AS TEXT) FROM decisions WHERE CAST(id AS TEXT) = 'd-anna'"));
        Assert.Equal(["wal"], Column(again.Path, "PRAGMA journal_mode", "looper.db"));
    }

    [Theory]
    [InlineData("cut", "backup.damaged", "bytes")]
    [InlineData("flip", "backup.damaged", "SHA-256")]
    [InlineData("missing", "backup.damaged", "missing")]
    [InlineData("edited", "backup.damaged", "changed after")]
    [InlineData("no manifest", "backup.foreign", "no finished backup")]
    [InlineData("other product", "backup.foreign", "not written by Looper")]
    [InlineData("other database", "backup.foreign", "Postgres")]
    [InlineData("outside", "backup.foreign", "outside itself")]
    [InlineData("newer format", "backup.newer", "format")]
    [InlineData("newer events", "backup.newer", "version")]
    [InlineData("newer database", "backup.newer", "newer Looper")]
    public async Task A_backup_that_is_damaged_foreign_or_newer_is_refused_with_a_reason_and_nothing_is_made(string what, string code, string reason)
    {
        var backup = _folder.File("backup");
        await using (var source = await Installation.CreateAsync(_folder.File("source")))
        {
            await source.Journal.AppendAsync(Recorded.Decision("d-1"), durable: true, default);
            Assert.Null((await source.Get<BackupActions>().RunAsync(backup, default)).Refusal);
        }
        Spoil(backup, what);
        await using var target = new Installation(_folder.File("target"));
        var (refusal, _, _) = await target.RestoreAsync(backup);
        Assert.Equal(code, refusal?.Code);
        Assert.Contains(reason, refusal!.Reason, StringComparison.Ordinal);
        Assert.False(Directory.Exists(target.Path));
    }

    [Fact]
    public async Task A_folder_named_with_a_separator_at_its_end_is_that_folder()
    {
        var backup = _folder.File("backup") + Path.DirectorySeparatorChar;
        Directory.CreateDirectory(backup);
        await using var source = await Installation.CreateAsync(_folder.File("source"));
        await source.Journal.AppendAsync(Recorded.Decision("d-1"), durable: true, default);
        Assert.Null((await source.Get<BackupActions>().RunAsync(backup, default)).Refusal);
        await using var target = new Installation(_folder.File("target"));
        var (refusal, _, events) = await target.RestoreAsync(backup);
        Assert.Null(refusal);
        Assert.Equal(1, events!.Decisions);
    }

    [Fact] // the journal goes on without it, and so do backups: one bad record must not end them all
    public async Task A_record_that_fails_its_checksum_is_counted_in_the_backup_and_keeps_none_from_being_made()
    {
        var backup = _folder.File("backup");
        await using (var source = await Installation.CreateAsync(_folder.File("source")))
        {
            for (var i = 0; i < 3; i++) await source.Journal.AppendAsync(Recorded.Decision($"d-{i}"), durable: true, default);
        }
        await using (var spoil = new SqliteConnection($"Data Source={_folder.File("source/events.db")};Pooling=False"))
        {
            await spoil.OpenAsync();
            await using var command = spoil.CreateCommand();
            command.CommandText = "UPDATE decisions SET payload = CAST(payload || x'00' AS BLOB) WHERE CAST(id AS TEXT) = 'd-1'";
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
        }
        await using (var again = new Installation(_folder.File("source")))
        {
            for (var time = 0; time < 2; time++)
            {
                var made = await again.Get<BackupActions>().RunAsync($"{backup}-{time}", default);
                Assert.Null(made.Refusal);
                Assert.Equal((2, 1), (made.Value!.Decisions, made.Value.Corrupt));
            }
        }
        await using var target = new Installation(_folder.File("target"));
        var (refusal, _, events) = await target.RestoreAsync($"{backup}-1");
        Assert.Null(refusal);
        Assert.Equal((2, 1), (events!.Decisions, target.Get<CorruptRecords>().Count));
    }

    [Fact]
    public async Task R15_a_restore_that_was_killed_is_not_served_and_run_again_it_still_erases()
    {
        var backup = _folder.File("backup");
        await using (var source = await Installation.CreateAsync(_folder.File("source")))
        {
            foreach (var unit in (string[])["anna", "ben"]) await source.Journal.AppendAsync(Recorded.Decision($"d-{unit}", unit: unit), durable: true, default);
            Assert.Null((await source.Get<BackupActions>().RunAsync(backup, default)).Refusal);
            Assert.Null((await source.Get<ErasureActions>().EraseAsync(Caller.System, "anna", "anna", default)).Refusal);
        }
        string aside;
        await using (var killed = new Installation(_folder.File("source")))
        {
            var restore = killed.Get<RestoreActions>();
            aside = (await restore.PlaceAsync(backup, (await restore.CheckAsync(backup, null, default)).Value!, replace: true, null, default)).Value!.Aside;
        }
        await using (var serving = new Installation(_folder.File("source")))
            Assert.Contains($"--erasures {aside}", Assert.Throws<StartRefusedException>(() => serving.Get<DataDirectory>().Open()).Message, StringComparison.Ordinal);
        await using var again = new Installation(_folder.File("source"));
        await Task.Delay(1_100); // what is moved aside has its second in its name
        var (refusal, _, events) = await again.RestoreAsync(backup, replace: true);
        Assert.Null(refusal);
        Assert.Equal(1, events!.Units);
        await again.DisposeAsync();
        await using var served = new Installation(_folder.File("source"));
        served.Get<DataDirectory>().Open();
        Assert.Equal(["d-ben"], Column(served.Path, "SELECT CAST(id AS TEXT) FROM decisions"));
    }

    [Fact]
    public async Task A_restore_that_was_killed_between_its_two_moves_still_knows_what_a_server_has_to_remove()
    {
        var (backup, place) = (_folder.File("backup"), _folder.File("source"));
        await using (var source = await Installation.CreateAsync(place))
        {
            await source.Journal.AppendAsync(Recorded.Decision("d-anna", unit: "anna"), durable: true, default);
            Assert.Null((await source.Get<BackupActions>().RunAsync(backup, default)).Refusal);
            new RemovalFile(place).Follow(source.Journal, TimeProvider.System);
            await source.Journal.EraseAsync("anna", default);
        }
        await using (var killed = new Installation(place)) await PlaceAsync(killed);
        await File.WriteAllTextAsync(Path.Combine(place, "gathering.unfinished"), "");
        Directory.Move(place, RestoreMark.Gathering(place));
        await using (var again = new Installation(place)) await PlaceAsync(again);
        Assert.Equal(RemovalKind.Unit, Assert.Single(new RemovalFile(place).Ended()).Kind);

        async Task PlaceAsync(Installation at)
        {
            var restore = at.Get<RestoreActions>();
            Assert.Null((await restore.PlaceAsync(backup, (await restore.CheckAsync(backup, backup, default)).Value!, replace: true, backup, default)).Refusal);
        }
    }

    [Fact]
    public async Task A_file_is_no_place_for_a_backup_and_stays()
    {
        await using var source = await Installation.CreateAsync(_folder.File("source"));
        await source.Journal.AppendAsync(Recorded.Decision("d-1"), durable: true, default);
        await File.WriteAllTextAsync(_folder.File("mine.txt"), "mine");
        Assert.Equal("backup.target", (await source.Get<BackupActions>().RunAsync(_folder.File("mine.txt"), default)).Refusal?.Code);
        Assert.Equal("mine", await File.ReadAllTextAsync(_folder.File("mine.txt")));
    }

    [Fact]
    public async Task A_folder_where_files_are_gathered_is_only_made_anew_if_it_was_cut_short()
    {
        var backup = _folder.File("backup");
        await using var source = await Installation.CreateAsync(_folder.File("source"));
        await source.Journal.AppendAsync(Recorded.Decision("d-1"), durable: true, default);
        await using var target = new Installation(_folder.File("target"));
        foreach (var folder in (string[])["backup.partial", "target.restoring"])
        {
            Directory.CreateDirectory(_folder.File(folder));
            await File.WriteAllTextAsync(Path.Combine(_folder.File(folder), "mine.txt"), "mine");
        }
        var refusal = (await source.Get<BackupActions>().RunAsync(backup, default)).Refusal;
        Assert.Equal("backup.target", refusal?.Code);
        Assert.Contains(backup + ".partial", refusal!.Reason, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(backup + ".partial", "mine.txt")));
        Directory.Delete(backup + ".partial", recursive: true);
        await CutShortAsync(source, backup);
        Assert.True(Directory.EnumerateFiles(backup + ".partial").Count() > 1);
        Assert.Null((await source.Get<BackupActions>().RunAsync(backup, default)).Refusal);

        refusal = (await target.RestoreAsync(backup)).Refusal;
        Assert.Equal("backup.not-empty", refusal?.Code);
        Assert.Contains(target.Path + ".restoring", refusal!.Reason, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(target.Path + ".restoring", "mine.txt")));
        Directory.Delete(target.Path + ".restoring", recursive: true);
        var manifest = (await target.Get<RestoreActions>().CheckAsync(backup, null, default)).Value!;
        var lost = manifest with { Files = [.. manifest.Files, new("gone.bin", 1, "")] };
        await Assert.ThrowsAnyAsync<IOException>(() => target.Get<RestoreActions>().PlaceAsync(backup, lost, replace: false, null, default));
        Assert.True(Directory.EnumerateFiles(target.Path + ".restoring").Count() > 1);
        Assert.Equal(1, (await target.RestoreAsync(backup)).Events!.Decisions);
        Assert.DoesNotContain(Directory.EnumerateFiles(target.Path), f => f.EndsWith(".unfinished", StringComparison.Ordinal));
    }

    // With the journal copied, and a database that cannot be.
    private static async Task CutShortAsync(Installation source, string to)
    {
        var (database, away) = (Path.Combine(source.Path, "looper.db"), Path.Combine(source.Path, "away.db"));
        SqliteConnection.ClearAllPools();
        File.Move(database, away);
        await Assert.ThrowsAnyAsync<Exception>(() => source.Get<BackupActions>().RunAsync(to, default));
        SqliteConnection.ClearAllPools();
        File.Move(away, database, overwrite: true);
    }

    [Theory, InlineData(""), InlineData("backups/monday"), InlineData("snapshots/monday"), InlineData("keys/../keys/monday/")] // of these, two are copied: a backup there would copy itself without end
    public async Task The_data_directory_is_no_place_for_its_backup(string folder)
    {
        await using var source = await Installation.CreateAsync(_folder.File("source"));
        await source.Journal.AppendAsync(Recorded.Decision("d-1"), durable: true, default);
        Directory.CreateDirectory(Path.Combine(source.Path, "keys"));
        Directory.CreateDirectory(Path.Combine(source.Path, "snapshots"));
        var before = Directory.EnumerateFileSystemEntries(source.Path, "*", SearchOption.AllDirectories).Count();
        Assert.Equal("backup.target", (await source.Get<BackupActions>().RunAsync(Path.Combine(source.Path, folder), default)).Refusal?.Code);
        Assert.Equal(before, Directory.EnumerateFileSystemEntries(source.Path, "*", SearchOption.AllDirectories).Count());
        Assert.Null((await source.Get<BackupActions>().RunAsync(source.Path + "-monday", default)).Refusal); // beside it is elsewhere
    }

    [Fact]
    public async Task A_folder_without_receipts_is_refused_before_anything_is_restored()
    {
        var backup = _folder.File("backup");
        await using var source = await Installation.CreateAsync(_folder.File("source"));
        await source.Journal.AppendAsync(Recorded.Decision("d-1"), durable: true, default);
        Assert.Null((await source.Get<BackupActions>().RunAsync(backup, default)).Refusal);
        await using var target = new Installation(_folder.File("target"));
        Assert.Equal("backup.erasures", (await target.RestoreAsync(backup, erasures: _folder.File("sorce"))).Refusal?.Code);
        Assert.False(Directory.Exists(target.Path));
    }

    [Fact] // the folder of another installation: units that were erased here are back
    public async Task What_was_restored_without_its_erasures_is_not_served()
    {
        var backup = _folder.File("backup");
        await using (var source = await Installation.CreateAsync(_folder.File("source")))
        {
            foreach (var unit in new[] { "anna", "ben" }) await source.Journal.AppendAsync(Recorded.Decision($"d-{unit}") with { Unit = unit }, durable: true, default);
            Assert.Null((await source.Get<ErasureActions>().EraseAsync(Caller.System, "ben", "ben", default)).Refusal);
            Assert.Null((await source.Get<BackupActions>().RunAsync(backup, default)).Refusal);
            Assert.Null((await source.Get<ErasureActions>().EraseAsync(Caller.System, "anna", "anna", default)).Refusal);
        }
        await using (var other = await Installation.CreateAsync(_folder.File("other"))) Assert.Null((await other.Get<ErasureActions>().EraseAsync(Caller.System, "carl", "carl", default)).Refusal);
        await using (var target = new Installation(_folder.File("target")))
        {
            Assert.Equal(("backup.foreign", "erasures"), (await target.RestoreAsync(backup, erasures: _folder.File("other"))).Refusal is { } refusal ? (refusal.Code, refusal.Field) : default);
        }
        await using (var served = new Installation(_folder.File("target"))) Assert.Throws<StartRefusedException>(() => served.Get<DataDirectory>().Open());
        await using (var right = new Installation(_folder.File("target")))
        {
            Assert.Equal(1, (await right.RestoreAsync(backup, replace: true, erasures: _folder.File("source"))).Events!.Units);
        }
        await using var ready = new Installation(_folder.File("target"));
        ready.Get<DataDirectory>().Open();
        Assert.Empty(Column(ready.Path, "SELECT CAST(id AS TEXT) FROM decisions"));
    }

    [Fact]
    public async Task A_data_directory_with_anything_in_it_is_kept_unless_it_is_to_be_moved_aside()
    {
        var backup = _folder.File("backup");
        await using var source = await Installation.CreateAsync(_folder.File("source"));
        await source.Journal.AppendAsync(Recorded.Decision("d-1"), durable: true, default);
        Assert.Null((await source.Get<BackupActions>().RunAsync(backup, default)).Refusal);
        Assert.Equal("backup.target", (await source.Get<BackupActions>().RunAsync(backup, default)).Refusal?.Code);
        await using var target = new Installation(_folder.File("target"));
        Directory.CreateDirectory(target.Path);
        await File.WriteAllTextAsync(Path.Combine(target.Path, "mine.txt"), "mine");
        Assert.Equal("backup.not-empty", (await target.RestoreAsync(backup)).Refusal?.Code);
        Assert.Equal(["mine.txt"], Directory.EnumerateFileSystemEntries(target.Path).Select(Path.GetFileName));
        var (refusal, aside, events) = await target.RestoreAsync(backup, replace: true);
        Assert.Null(refusal);
        Assert.Equal(1, events!.Decisions);
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(aside, "mine.txt")));
    }

    public void Dispose() => _folder.Dispose();

    private static void Spoil(string backup, string what)
    {
        var (events, file) = (Path.Combine(backup, "events.db"), Path.Combine(backup, BackupManifest.Name));
        void Edit(Func<BackupManifest, BackupManifest> edit) => File.WriteAllText(file, edit(BackupManifest.Read(File.ReadAllText(file))!).Write());
        switch (what)
        {
            case "cut": File.WriteAllBytes(events, File.ReadAllBytes(events)[..^1]); break;
            case "flip":
                var bytes = File.ReadAllBytes(events);
                bytes[bytes.Length / 2] ^= 1;
                File.WriteAllBytes(events, bytes);
                break;
            case "missing": File.Delete(events); break;
            case "edited": File.WriteAllText(file, File.ReadAllText(file).Replace("\"decisions\": 1", "\"decisions\": 2", StringComparison.Ordinal)); break;
            case "no manifest": File.Delete(file); break;
            case "other product": File.WriteAllText(file, "{\"product\":\"Other\",\"files\":[]}"); break;
            case "other database": Edit(m => m with { Database = DatabaseKind.Postgres }); break;
            case "outside": Edit(m => m with { Files = [new("../source/looper.db", 1, "")] }); break;
            case "newer format": Edit(m => m with { Format = 2 }); break;
            case "newer events": Edit(m => m with { Events = 1_000 }); break;
            default: Edit(m => m with { Migration = "29990101000000_Later" }); break;
        }
    }

    internal static List<string> Column(string directory, string sql, string database = "events.db")
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(directory, database)};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var rows = command.ExecuteReader();
        var values = new List<string>();
        while (rows.Read()) values.Add(rows.GetString(0));
        return values;
    }
}
