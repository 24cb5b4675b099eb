using System.Text;
using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Decisions.Import;
using Looper.Core.Events;
using Looper.Core.Models;
using Looper.Core.Runs;
using Looper.Testing;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Tests.Decisions.Import;

public sealed class ImportActionsTests : IAsyncDisposable
{
    private static readonly ImportMapping s_mapping = new() { DecisionPoint = "banner", Option = "shown", Propensity = "uniform", Experiment = new("past", "Past") };

    private readonly TestDatabase _database = TestDatabase.CreateAsync(services: s => s.AddEvents().AddRuns().AddDecisions()).GetAwaiter().GetResult();

    public ImportActionsTests()
    {
        var draft = _database.Get<DraftActions>().CreateAsync(Caller.System, new(Key: "banner", Name: "Banner", Content: Sample.Banner), default).GetAwaiter().GetResult();
        _database.Get<DraftActions>().PublishAsync(Caller.System, draft.Value!.Id, null, null, default).GetAwaiter().GetResult();
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_decision_point_that_goes_while_its_file_comes_is_told_and_leaves_no_file()
    {
        var refusal = (await StartAsync(new Upload(RemovePointAsync))).Refusal!;
        Assert.Equal(("decision-point.unknown", "decisionPoint"), (refusal.Code, refusal.Field));
        Assert.Contains("`banner`", refusal.Reason, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_database.Directory, "imports")));
    }

    [Fact]
    public async Task A_disk_without_room_for_the_file_is_told_and_leaves_no_part_of_it()
    {
        var refusal = (await StartAsync(new Upload(() => throw new IOException("No space left on device", 28)))).Refusal!;
        Assert.Equal(("import.unavailable", "file"), (refusal.Code, refusal.Field));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_database.Directory, "imports")));
        await Assert.ThrowsAsync<IOException>(() => StartAsync(new Upload(() => throw new IOException("Connection reset", 104))));
    }

    [Fact] // what a run has read before it was cut off is in that experiment
    public async Task A_file_that_is_sent_again_goes_on_with_the_experiment_of_before()
    {
        var (first, second, other) = (await ExperimentAsync(s_mapping), await ExperimentAsync(s_mapping), await ExperimentAsync(s_mapping with { Experiment = new("other", "Other") }));
        Assert.Equal(first, second);
        Assert.NotEqual(first, other);
    }

    private async Task<Guid> ExperimentAsync(ImportMapping mapping)
    {
        var run = await _database.Get<ImportActions>().StartAsync(Caller.System, mapping, new MemoryStream("shown,purchase\nnone,1\n"u8.ToArray()), default);
        await using var db = await _database.Databases.CreateDbContextAsync();
        var row = await db.Set<JobRun>().SingleAsync(r => r.Id == run.Value);
        row.End(JobState.Cancelled, "Cut off.", DateTimeOffset.UnixEpoch);
        await db.SaveChangesAsync();
        return ImportInput.Read(row.Input).Experiment;
    }

    private Task<Answered<Guid>> StartAsync(Stream bytes) => _database.Get<ImportActions>().StartAsync(Caller.System, s_mapping, bytes, default);

    private async Task RemovePointAsync()
    {
        await using var db = await _database.Databases.CreateDbContextAsync();
        db.RemoveRange(db.Set<Blueprint>());
        db.RemoveRange(db.Set<DecisionPoint>());
        await db.SaveChangesAsync();
    }

    /// <summary>A file at whose end something happens.</summary>
    private sealed class Upload(Func<Task> atEnd) : MemoryStream(Encoding.UTF8.GetBytes("shown,purchase\nnone,1\n"))
    {
        public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
        {
            await base.CopyToAsync(destination, bufferSize, cancellationToken);
            await atEnd();
        }
    }
}
