using System.Text;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Decisions.Erasure;
using Looper.Core.Decisions.Import;
using Looper.Core.Events;
using Looper.Core.Files;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Looper.Testing;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Tests.Decisions.Import;

public sealed class ImportTrailTests : IAsyncDisposable
{
    private const int Rows = 2_300, Bad = 23;
    private const string Name = "018f.csv";
    private readonly TestDatabase _database;

    public ImportTrailTests()
    {
        _database = TestDatabase.CreateAsync(services: s => s.AddEvents().AddRuns().AddDecisions()).GetAwaiter().GetResult();
        var draft = _database.Get<DraftActions>().CreateAsync(Caller.System, new(Key: "banner", Name: "Banner", Content: Sample.Banner), default).GetAwaiter().GetResult();
        _database.Get<DraftActions>().PublishAsync(Caller.System, draft.Value!.Id, null, null, default).GetAwaiter().GetResult();
    }

    private ImportFiles Files => _database.Get<ImportFiles>();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_run_that_was_stopped_goes_on_at_the_row_where_it_was()
    {
        var first = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(rows => { if (rows >= 1_000) first.Cancel(); first.Token.ThrowIfCancellationRequested(); }));
        Assert.Equal(1_000 - 10, await StoredAsync());
        var seen = new List<long>();
        var result = await RunAsync(seen.Add);
        Assert.Equal(1_500, seen[0]);
        Assert.Equal((Rows, Rows - Bad, 0, Bad), (result.Rows, result.Stored, result.Replayed, result.Refused));
        Assert.Equal(Rows - Bad, await StoredAsync());
        Assert.Equal(Enumerable.Range(0, Bad).Select(i => 2L + (i * 100)), RefusedLines());
        Assert.Equal((Bad, 10), ((int)Assert.Single(result.Reasons).Rows, result.Reasons[0].Lines.Length));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_torn_trail_begins_again_and_brings_every_row_once(bool torn)
    {
        await RunAsync(_ => { });
        if (torn) await File.WriteAllTextAsync(Files.PathOf(Name) + ".at", "{\"Done\":{\"Ro", TestContext.Current.CancellationToken);
        else await File.WriteAllTextAsync(Files.RefusedOf(Name), "cut", TestContext.Current.CancellationToken);
        var result = await RunAsync(_ => { });
        Assert.Equal((Rows, 0, Rows - Bad, Bad), (result.Rows, result.Stored, result.Replayed, result.Refused));
        Assert.Equal(Rows - Bad, await StoredAsync());
        Assert.Equal(Bad, RefusedLines().Count);
    }

    [Fact]
    public async Task A_disk_that_is_full_when_the_trail_is_written_is_told_and_what_was_written_is_kept()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "Needs a device that is always full.");
        File.CreateSymbolicLink(Files.PathOf(Name) + ".at.new", "/dev/full");
        using (var trail = Files.Follow(Name))
        {
            var stopped = await _database.Get<Importer>().RunAsync(new() { DecisionPoint = "banner", Option = "shown", Unit = "user" }, new MemoryStream(Encoding.UTF8.GetBytes(Csv())), Guid.Empty, "test", trail, _ => { }, default);
            Assert.Equal("journal.unavailable", stopped.Refusal?.Code);
        }
        File.Delete(Files.PathOf(Name) + ".at.new");
        var result = await RunAsync(_ => { });
        Assert.Equal((Rows, Rows - Bad), (result.Rows, result.Stored + result.Replayed));
    }

    [Fact]
    public async Task Refused_rows_are_defused_for_spreadsheets_and_numbers_stay_numbers()
    {
        await RunAsync(_ => { }, "shown,user,cartValue,purchase\n=1+1,anna,-5,1\n");
        Assert.StartsWith("'=1+1,anna,-5,1,2,option,", (await File.ReadAllTextAsync(Files.RefusedOf(Name), TestContext.Current.CancellationToken)).Split("\r\n")[1], StringComparison.Ordinal);
    }

    [Theory, InlineData("anna", "anna"), InlineData("an\"na", "\"an\"\"na\""), InlineData("anna\nmaria", "\"anna\nmaria\"")]
    public async Task S15_erasing_a_unit_removes_the_refused_rows_that_speak_of_it(string unit, string cell)
    {
        await RunAsync(_ => { }, $"shown,user,cartValue,purchase\nnine,{cell},5,1\n");
        await _database.Get<ErasureActions>().EraseAsync(Caller.System, "ben", "ben", default);
        Assert.True(File.Exists(Files.RefusedOf(Name)));
        await _database.Get<ErasureActions>().EraseAsync(Caller.System, unit, unit, default);
        Assert.False(File.Exists(Files.RefusedOf(Name)));
    }

    [Fact]
    public async Task S15_an_upload_that_holds_the_unit_goes_with_it_and_one_that_is_being_read_is_waited_for()
    {
        const string csv = "shown,user,cartValue,purchase\nnone,anna,5,1\n";
        await File.WriteAllTextAsync(Files.PathOf(Name), csv, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Files.PathOf("other.csv"), csv.Replace("anna", "ben"), TestContext.Current.CancellationToken);
        var run = new JobRun { Id = _database.Get<Ids>().Next(), Kind = JobKinds.Import, Subject = "banner", RequestedBy = "eve", RequestedAt = DateTimeOffset.UnixEpoch, Input = new ImportInput(Name, new() { DecisionPoint = "banner", Option = "shown", Unit = "user" }, Guid.Empty).Write() };
        await using (var db = await _database.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync(TestContext.Current.CancellationToken))
        {
            db.Add(run);
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
            var waited = (await EraseAsync("anna")).Refusal!;
            Assert.Equal(("erasure.import-open", "unit"), (waited.Code, waited.Field));
            Assert.Contains(run.Id.ToString(), waited.Reason, StringComparison.Ordinal);
            Assert.True(File.Exists(Files.PathOf(Name)));
            run.End(JobState.Failed, "Cut off.", DateTimeOffset.UnixEpoch);
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        }
        Assert.NotNull((await EraseAsync("anna")).Value);
        Assert.False(File.Exists(Files.PathOf(Name)));
        Assert.True(File.Exists(Files.PathOf("other.csv")));
    }

    [Theory, InlineData(false), InlineData(true)] // a quote that is never closed, before the unit: its import has failed, and the file would lie there for a month
    public async Task S15_an_upload_that_cannot_be_read_goes_too_where_it_speaks_of_the_unit(bool zipped)
    {
        var csv = Encoding.UTF8.GetBytes("shown,user,cartValue,purchase\nnone,ben,5,1\nnone,\"carl,5,1\n" + string.Concat(Enumerable.Repeat("none,dora,5,1\n", 20_000)) + "none,Zoë \"\"the\"\" cat,5,1\nnone,dora,5,1\n");
        await using (var file = File.Create(Files.PathOf(Name)))
        await using (var written = zipped ? new System.IO.Compression.GZipStream(file, System.IO.Compression.CompressionLevel.Fastest) : (Stream)file) await written.WriteAsync(csv, TestContext.Current.CancellationToken);
        Assert.NotNull((await EraseAsync("emil")).Value);
        Assert.True(File.Exists(Files.PathOf(Name)));
        Assert.NotNull((await EraseAsync("Zoë \"the\" cat")).Value);
        Assert.False(File.Exists(Files.PathOf(Name)));
    }

    private Task<Answered<ErasureReceipt>> EraseAsync(string unit) => _database.Get<ErasureActions>().EraseAsync(Caller.System, unit, unit, default);

    private async Task<ImportResult> RunAsync(Action<long> progress, string? csv = null)
    {
        using var trail = Files.Follow(Name);
        var bytes = new MemoryStream(Encoding.UTF8.GetBytes(csv ?? Csv()));
        return (await _database.Get<Importer>().RunAsync(new() { DecisionPoint = "banner", Option = "shown", Unit = "user" }, bytes, Guid.Empty, "test", trail, progress, default)).Value.Result;
    }

    private static string Csv() =>
        "shown,user,cartValue,purchase\n" + string.Concat(Enumerable.Range(0, Rows).Select(i => $"{(i % 100 == 0 ? "nine" : "none")},u-{i},{i},{i % 2}\n"));

    private async Task<long> StoredAsync()
    {
        var point = await _database.Get<DecisionPointQueries>().FindAsync(Caller.System, "banner", default);
        var (count, next) = (0L, (string?)null);
        do
        {
            var page = await _database.Get<EventReader>().DecisionsAsync(new(point!.Id), next, 1_000, default);
            (count, next) = (count + page.Items.Count, page.Next);
        }
        while (next is not null);
        return count;
    }

    private List<long> RefusedLines()
    {
        using var file = CsvFile.Open(Files.RefusedOf(Name));
        var (lines, column) = (new List<long>(), file.Header.IndexOf("refused_line"));
        while (file.Read() is { } cells) lines.Add(long.Parse(cells[column], System.Globalization.CultureInfo.InvariantCulture));
        return lines;
    }
}
