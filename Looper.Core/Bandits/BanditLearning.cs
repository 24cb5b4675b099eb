using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Learning.Bandits;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Looper.Core.Bandits;

/// <summary>Lets every bandit learn from what has become known since the last look, and publishes what it learned.</summary>
/// <remarks>Only decisions not learned from yet are read: their sums are added to those kept. From the beginning, on the newest
/// <see cref="MostDecisions"/>, it learns for a new blueprint version, when there are three times as many decisions as then, and once a day: so imports,
/// erasures and what came late are in it too. Trees cannot be added to: they grow anew with a fifth more decisions.</remarks>
public sealed partial class BanditLearning(
    IDbContextFactory<LooperDb> databases, ExampleReader examples, Ids ids, ChangeFeed changes, TimeProvider clock, ILogger<BanditLearning> log)
{
    /// <summary>Rewarded decisions before which nothing counts as learned.</summary>
    public const int FewestDecisions = BanditKnowledge.FewestRewards;

    /// <summary>Decisions learned from at most when learning from the beginning.</summary>
    public const int MostDecisions = 200_000;

    /// <summary>Decisions that trees are grown on at most, the newest.</summary>
    public const int MostTreeRows = 5_000;

    private static readonly TimeSpan s_again = TimeSpan.FromDays(1);

    /// <summary>Looks at every decision point once. One that fails keeps none of the others from learning.</summary>
    /// <returns>How many bandits learned something.</returns>
    /// <exception cref="AggregateException">What failed, after all have been looked at.</exception>
    public async Task<int> LearnAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var found = await db.Set<DecisionPoint>().AsNoTracking().Where(p => !p.IsArchived && p.CurrentVersion > 0)
            .Join(db.Set<Blueprint>(), p => new { p.Id, Version = p.CurrentVersion }, b => new { Id = b.DecisionPointId, b.Version }, (p, b) => new { p.Id, p.Key, b.Content })
            .Where(p => p.Content.Contains("\"bandit\"")).ToListAsync(cancel);
        var (learned, faults) = (0, new List<Exception>());
        foreach (var point in found)
        {
            try
            {
                if (BlueprintJson.Served(point.Content).Policy is BanditPolicy && await LearnAsync(point.Id, point.Key, cancel)) learned++;
            }
            catch (DbUpdateException fault)
            {
                Lost(log, point.Key, fault); // another node learned the same meanwhile
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                faults.Add(fault);
            }
        }
        return faults.Count == 0 ? learned : throw new AggregateException(faults);
    }

    private async Task<bool> LearnAsync(Guid id, string key, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleAsync(p => p.Id == id, cancel);
        var contents = (await db.Set<Blueprint>().AsNoTracking().Where(b => b.DecisionPointId == id).ToListAsync(cancel)).ToDictionary(b => b.Version, b => BlueprintJson.Served(b.Content));
        var (content, versions) = (contents[point.CurrentVersion], new VersionTable(contents[point.CurrentVersion], contents));
        var outcomes = RewardedDecisions.OutcomesOf(content);
        if (content.Policy is not BanditPolicy policy || outcomes.IsEmpty) return false;
        var settings = BanditKnowledge.SettingsOf(policy, BanditKnowledge.RangeOf(content));
        var known = await db.Set<LearnedBandit>().SingleOrDefaultAsync(b => b.DecisionPointId == id, cancel);
        var (now, state) = (clock.GetUtcNow(), known?.Version == point.CurrentVersion ? BanditFile.Read(known.State) : null);
        var until = now - outcomes.Max(o => o.Window);
        if (state is not null && until <= known!.LearnedUntil) return false;
        var query = new ExampleQuery(id, outcomes) { Until = until, AsOf = now, ClosedOnly = true };
        RewardedDecisions? fresh = null;
        if (state is not null)
        {
            fresh = await RewardedDecisions.ReadAsync(content, versions, examples, query with { From = known!.LearnedUntil }, cancel);
            var grown = settings.Algorithm == BanditAlgorithm.BootstrappedTrees ? 1.2 : 3;
            if (known.Rows + fresh.Count >= grown * known.WholeRows || now - known.WholeAt >= s_again) state = null;
            else if (fresh.Count == 0)
            {
                known.LearnedUntil = until; // what was looked at is not looked at again
                await db.SaveChangesAsync(cancel);
                return false;
            }
        }
        var whole = state is null;
        var read = whole ? await RewardedDecisions.ReadAsync(content, versions, examples, query with { Newest = MostDecisions }, cancel) : fresh!;
        if (whole && read.Count < FewestDecisions)
        {
            if (known is null || known.State.Length == 0) return false;
            (known.State, known.Rows, known.Number) = ([], 0, known.Number + 1); // its decisions were removed, or say nothing about the new version: what came of them goes too
        }
        else
        {
            if (known is null) db.Add(known = new LearnedBandit { Id = ids.Next(), DecisionPointId = id });
            var recent = whole || content.Goal.Guardrails.IsEmpty ? read : await RewardedDecisions.ReadAsync(content, versions, examples, query with { Newest = BanditGuarding.MostRows }, cancel);
            var (next, step) = BanditUpdate.Of(state, read, recent, content, policy, known.LearnedUntil, until, BitConverter.ToInt64(id.ToByteArray()), cancel);
            (known.Steps, known.State, known.Number) = (BanditStep.With(known.Steps, step), BanditFile.Write(next), known.Number + 1);
            known.Rows = whole ? read.Count : known.Rows + read.Count;
            if (whole) (known.WholeAt, known.WholeRows) = (now, read.Count);
        }
        (known.Version, known.LearnedUntil, known.LearnedAt) = (point.CurrentVersion, until, now);
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.Model, id);
        Learned(log, key, known.Number, read.Count, known.Rows);
        return true;
    }

    [LoggerMessage(1660, LogLevel.Information, "bandit.learned: '{Key}' number {Number} from {Fresh} decisions, {Rows} in all")]
    private static partial void Learned(ILogger log, string key, int number, int fresh, long rows);

    [LoggerMessage(1661, LogLevel.Information, "bandit.lost: what '{Key}' learned was not kept, another node was first")]
    private static partial void Lost(ILogger log, string key, Exception why);
}
