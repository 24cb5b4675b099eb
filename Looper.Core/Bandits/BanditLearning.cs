using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Learning.Bandits;
using Looper.Core.Metering;
using Looper.Core.Models;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Looper.Core.Bandits;

/// <summary>Lets every bandit learn from what has become known since the last look, and publishes what it learned.</summary>
/// <remarks>Only decisions not learned from yet are read: their sums are added to those kept. From the beginning, on the newest
/// <see cref="MostDecisions"/>, it learns for a new blueprint version, when there are three times as many decisions as then or so many that are new, and once a day: so imports,
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

    /// <summary>Decisions of all arms among which the newest contexts of one are looked for.</summary>
    private const int MostArmContexts = 20 * BanditGuarding.MostRows;

    private static readonly TimeSpan s_again = TimeSpan.FromDays(1);

    /// <summary>See <see cref="MostDecisions"/>.</summary>
    internal int Most { get; init; } = MostDecisions;

    /// <summary>Looks at every bandit once: those of decision points, and those that are arms of running experiments. One that fails keeps none of the others
    /// from learning. What was learned for an arm goes when its experiment has stopped.</summary>
    /// <returns>How many bandits learned something.</returns>
    /// <exception cref="AggregateException">What failed, after all have been looked at.</exception>
    public async Task<int> LearnAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var (learned, faults, found) = (0, new List<Exception>(), await ServingBandits.ReadAsync(db, cancel));
        foreach (var bandit in found)
        {
            try
            {
                if (await LearnAsync(bandit, cancel)) learned++;
            }
            catch (DbUpdateException fault)
            {
                Lost(log, bandit.Key, fault); // another node learned the same meanwhile
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                faults.Add(fault);
            }
        }
        await ForgetStoppedAsync(found, cancel);
        return faults.Count == 0 ? learned : throw new AggregateException(faults);
    }

    // What an arm learned is of no use once nobody is given it.
    private async Task ForgetStoppedAsync(List<ServingBandit> serving, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var arms = serving.Where(b => b.Arm is not null).Select(b => b.Arm!.Name).ToHashSet(StringComparer.Ordinal);
        var stopped = (await db.Set<LearnedBandit>().Where(b => b.Arm != "").Select(b => new { b.Id, b.Arm }).ToListAsync(cancel)).Where(b => !arms.Contains(b.Arm)).Select(b => b.Id).ToList();
        if (stopped.Count == 0) return;
        db.RemoveRange(await db.Set<LearnedBandit>().Where(b => stopped.Contains(b.Id)).ToListAsync(cancel));
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateConcurrencyException fault)
        {
            Lost(log, "arms", fault); // another node was first
        }
    }

    private async Task<bool> LearnAsync(ServingBandit bandit, CancellationToken cancel)
    {
        var (id, arm) = (bandit.DecisionPointId, bandit.Arm);
        using var counted = WorkMeter.For(id);
        await using var db = await databases.CreateDbContextAsync(cancel);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleAsync(p => p.Id == id, cancel);
        var stored = await StoredVersions.ReadAsync(db, id, cancel);
        var (contents, current) = (stored.Contents, stored.Of(point.CurrentVersion));
        if (arm is not null) stored.Need(arm.VersionAt(point.CurrentVersion));
        if ((arm is null ? current : arm.ContentOf(contents, point.CurrentVersion)) is not { Policy: BanditPolicy policy } content) return false;
        var (version, name, versions) = (arm?.VersionAt(point.CurrentVersion) ?? point.CurrentVersion, arm?.Name ?? "", new VersionTable(content, contents));
        var outcomes = BanditReward.OutcomesOf(content);
        if (outcomes.IsEmpty) return false;
        var settings = BanditKnowledge.SettingsOf(policy, BanditKnowledge.RangeOf(content));
        var known = await db.Set<LearnedBandit>().SingleOrDefaultAsync(b => b.DecisionPointId == id && b.Arm == name, cancel);
        var (now, state) = (clock.GetUtcNow(), known?.Version == version ? BanditFile.Read(known.State) : null);
        var until = now - outcomes.Max(o => o.Window);
        if (state is not null && until <= known!.LearnedUntil) return false;
        var query = new ExampleQuery(id, outcomes) { From = arm?.Since, Until = until, AsOf = now, ClosedOnly = true };
        Task<RewardedDecisions> Read(ExampleQuery of) => RewardedDecisions.ReadAsync(content, versions, examples, of, arm, cancel);
        RewardedDecisions? fresh = null;
        var since = query with { From = known?.LearnedUntil };
        // after a pause there may be more than are learned from at all, which are not read to be counted
        var whole = state is null || now - known!.WholeAt >= s_again || await examples.CountClosedAsync(since, cancel) > RewardedDecisions.MostOf(content, Most);
        if (!whole)
        {
            fresh = await Read(since);
            var grown = settings.Algorithm == BanditAlgorithm.BootstrappedTrees ? 1.2 : 3;
            whole = known!.Rows + fresh.Decisions >= grown * known.WholeRows;
            if (!whole && fresh.Decisions == 0)
            {
                known.LearnedUntil = until; // what was looked at is not looked at again
                await db.SaveChangesAsync(cancel);
                return false;
            }
        }
        var read = whole ? await Read(query with { Newest = Most }) : fresh!;
        if (whole && read.Decisions < FewestDecisions)
        {
            if (known is null || known.State.Length == 0) return false;
            (known.State, known.Rows, known.Number) = ([], 0, known.Number + 1); // its decisions were removed, or say nothing about the new version: what came of them goes too
        }
        else
        {
            if (known is null) db.Add(known = new LearnedBandit { Id = ids.Next(), DecisionPointId = id, Arm = name });
            var recent = whole || NewestNeeded(content) <= read.Decisions ? read : await Read(query with { Newest = arm is null ? NewestNeeded(content) : MostArmContexts });
            var (next, step) = BanditUpdate.Of(whole ? null : state, read, recent, content, policy, BanditStep.ToldUntil(known.Steps, known.LearnedUntil), until, BitConverter.ToInt64((arm?.ExperimentId ?? id).ToByteArray()), cancel);
            (known.Steps, known.State, known.Number) = (BanditStep.With(known.Steps, step), BanditFile.Write(next), known.Number + 1);
            known.Rows = whole ? read.Decisions : known.Rows + read.Decisions;
            if (whole) (known.WholeAt, known.WholeRows) = (now, read.Decisions);
        }
        (known.Version, known.LearnedUntil, known.LearnedAt) = (version, until, now);
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.Model, id);
        Learned(log, bandit.Key, known.Number, read.Decisions, known.Rows);
        return true;
    }

    // contexts that are looked at beside what is new
    private static int NewestNeeded(BlueprintContent content) => !content.Goal.Guardrails.IsEmpty ? BanditGuarding.MostRows : content.Shape.TakesCandidates() ? 0 : BanditUpdate.BelievedRows;

    [LoggerMessage(1660, LogLevel.Information, "bandit.learned: '{Key}' number {Number} from {Fresh} decisions, {Rows} in all")]
    private static partial void Learned(ILogger log, string key, int number, int fresh, long rows);

    [LoggerMessage(1661, LogLevel.Information, "bandit.lost: what '{Key}' learned was not kept, another node was first")]
    private static partial void Lost(ILogger log, string key, Exception why);
}
