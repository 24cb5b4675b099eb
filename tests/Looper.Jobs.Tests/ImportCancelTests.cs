using System.Text;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Decisions.Import;
using Looper.Core.Events;
using Looper.Core.Models;
using Looper.Core.Runs;
using Looper.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Jobs.Tests;

public sealed class ImportCancelTests : IDisposable
{
    private const string Name = "018f.csv";

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_cancelled_import_says_how_far_it_came_and_that_what_it_read_stays()
    {
        await using var host = await JobsHost.StartAsync(_folder.Path, withScheduler: false, services: s => s.AddAccess().AddEvents().AddDecisions());
        var point = await PublishAsync(host);
        await WriteAsync(host, rows: 2_000_000); // far more than are read before it is cancelled
        var input = new ImportInput(Name, new() { DecisionPoint = "banner", Option = "shown", Unit = "user" }, Guid.Empty);
        var id = (await host.Services.GetRequiredService<JobRequests>().EnqueueAsync(Caller.System, JobKinds.Import, point, "banner", input.Write(), default)).Value;
        await using (var run = await host.Runs.BeginAsync(id, 0, default))
        {
            var reading = ActivatorUtilities.CreateInstance<ImportJob>(host.Services).ExecuteAsync(run!, default);
            await Eventually.IsTrueAsync(async () => (await host.RunAsync(id)).Detail.Contains("00 rows", StringComparison.Ordinal));
            Assert.Null(await host.CancelAsync(id));
            await reading;
        }
        var ended = await host.RunAsync(id);
        Assert.Equal(JobState.Cancelled, ended.State);
        Assert.Matches("^Cancelled after [1-9][0-9,]*00 rows\\. What was read stays in the log; run it again to continue, or clear the decision point's data\\.$", ended.Result);
        Assert.NotEmpty((await host.Services.GetRequiredService<EventReader>().DecisionsAsync(new(point), null, 1, default)).Items);
    }

    [Fact]
    public async Task An_import_that_is_cancelled_while_it_is_handed_back_says_so_too()
    {
        await using var host = await JobsHost.StartAsync(_folder.Path, withScheduler: false);
        var id = (await host.Services.GetRequiredService<JobRequests>().EnqueueAsync(Caller.System, JobKinds.Import, Guid.CreateVersion7(), "banner", "{}", default)).Value;
        await using var run = await host.Runs.BeginAsync(id, 0, default);
        Assert.Null(await host.CancelAsync(id));
        await run!.EndAsync(JobState.Queued, "Handed back.", default);
        Assert.StartsWith("Cancelled. What was read stays in the log;", (await host.RunAsync(id)).Result, StringComparison.Ordinal);
    }

    private static async Task<Guid> PublishAsync(JobsHost host)
    {
        var content = new BlueprintContent
        {
            Shape = DecisionShape.Choice, Options = [new("none"), new("some")], Default = "none", Features = [new("cart", FeatureKind.Number)],
            Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromDays(1), Absent = 0 }], Goal = new() { Terms = [new("purchase", 1)] },
        };
        var drafts = host.Services.GetRequiredService<DraftActions>();
        var draft = await drafts.CreateAsync(Caller.System, new(Key: "banner", Name: "Banner", Content: content), default);
        Assert.Null(draft.Refusal);
        Assert.Null((await drafts.PublishAsync(Caller.System, draft.Value!.Id, null, null, default)).Refusal);
        return (await host.Services.GetRequiredService<DecisionPointQueries>().FindAsync(Caller.System, "banner", default))!.Id;
    }

    private static async Task WriteAsync(JobsHost host, int rows)
    {
        await using var file = new StreamWriter(host.Services.GetRequiredService<ImportFiles>().PathOf(Name), append: false, Encoding.UTF8);
        await file.WriteAsync("user,shown,cart,purchase\n");
        for (var i = 0; i < rows; i++) await file.WriteAsync($"u{i},none,1,0\n");
    }
}
