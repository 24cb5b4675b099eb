using System.Text;
using Looper.Core.Access;
using Looper.Core.Backups;
using Looper.Core.Decisions.Erasure;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Looper.Core.Tests.Backups;
using Looper.Testing;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Tests.Decisions.Erasure;

public sealed class ErasedTestersTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_erased_unit_is_a_tester_of_no_experiment_any_more_running_or_ended()
    {
        await using var installation = await Installation.CreateAsync(_folder.Path);
        var (running, ended, other) = (Of("running", ExperimentState.Running, "anna", "ben"), Of("ended", ExperimentState.Stopped, "anna"), Of("other", ExperimentState.Draft, "ben"));
        var databases = installation.Get<IDbContextFactory<LooperDb>>();
        await using (var db = await databases.CreateDbContextAsync())
        {
            db.AddRange(running, ended, other);
            await db.SaveChangesAsync();
        }
        var told = new List<Change>();
        using var listening = installation.Get<ChangeFeed>().Subscribe(told.Add);
        Assert.Null((await installation.Get<ErasureActions>().EraseAsync(Caller.System, "anna", "anna", default)).Refusal);
        await using var after = await databases.CreateDbContextAsync();
        var testers = await after.Set<Experiment>().ToDictionaryAsync(e => e.Key, e => e.Testers);
        Assert.Equal(["ben"], ExperimentJson.ReadTesters(testers["running"]).Select(t => t.Unit));
        Assert.Null(testers["ended"]);
        Assert.Equal(["ben"], ExperimentJson.ReadTesters(testers["other"]).Select(t => t.Unit));
        Assert.Equal(new HashSet<Guid> { running.DecisionPointId, ended.DecisionPointId }, told.Where(c => c.Kind == ChangeKind.DecisionPoint).Select(c => c.Id).ToHashSet()); // they serve no arm of hers
        Assert.DoesNotContain(await after.Set<AuditEntry>().ToListAsync(), e => $"{e.Before}{e.After}{e.Reason}".Contains("anna", StringComparison.Ordinal));
    }

    [Fact]
    public async Task S15_no_byte_of_an_erased_tester_is_left_in_the_database_or_its_log()
    {
        const string unit = "anna.maria.mustermann@example.com";
        await using var installation = await Installation.CreateAsync(_folder.Path);
        DatabaseFile.UseLog(_folder.File("looper.db")); // as a migration leaves it
        await using (var db = await installation.Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync())
        {
            db.AddRange(Of("few", ExperimentState.Running, unit, "ben"), Of("much", ExperimentState.Stopped, [.. Enumerable.Repeat(unit, 40), "carl"])); // what is left of it does not cover what was there
            await db.SaveChangesAsync();
        }
        Assert.True(Holds(unit));
        Assert.Null((await installation.Get<ErasureActions>().EraseAsync(Caller.System, unit, unit, default)).Refusal);
        Assert.False(Holds(unit));
        Assert.True(Holds("carl"));
    }

    private bool Holds(string text) => Directory.EnumerateFiles(_folder.Path, "looper.db*").Any(path =>
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
    });

    private static Experiment Of(string key, ExperimentState state, params string[] testers) => new()
    {
        Id = Guid.CreateVersion7(), Key = key, DecisionPointId = Guid.CreateVersion7(), State = state, Plan = "{}", Testers = ExperimentJson.Write([.. testers.Select(t => new Tester(t, "b"))]),
    };
}
