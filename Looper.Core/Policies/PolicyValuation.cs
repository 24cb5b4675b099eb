using System.Buffers.Binary;
using System.Collections.Immutable;
using Looper.Core.Bandits;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Models;
using Looper.Core.OffPolicy;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Looper.Core.Statistics;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Policies;

/// <summary>Judges a blueprint on logged decisions: reads them, asks the compiled blueprint what it would have done, fits a reward model, and
/// runs every estimator.</summary>
public sealed class PolicyValuation(IDbContextFactory<LooperDb> databases, ExampleReader examples)
{
    /// <summary>Decisions judged at most, the newest ones whose outcome is certain; fewer where there are many options, so that memory is bounded.</summary>
    public const int MostDecisions = 1_000_000;

    private const int MostCells = 20_000_000;

    /// <summary>See <see cref="MostDecisions"/>.</summary>
    internal int Most { get; init; } = MostDecisions;

    /// <summary>Decisions that a blueprint is judged on at most.</summary>
    internal static int MostOf(BlueprintContent content, int most = MostDecisions) =>
        Math.Min(content.Policy is BanditPolicy && content.Shape.TakesCandidates() ? Math.Min(most, BanditLearning.MostDecisions) : most, MostCells / Math.Max(1, content.Options.Length)) / Math.Max(1, content.Positions ?? 1);

    internal sealed record LiveFacts(ImmutableArray<ModelSource> Sources, int Number, DateTimeOffset? From, DateTimeOffset? Until);

    /// <param name="at">Windows count as open or closed at this moment.</param>
    /// <param name="runId">Gives the seed, so that a run that starts again finds the same.</param>
    /// <param name="report">Phase and percent.</param>
    /// <returns>The result, which may say that no value can be told; or why nothing can be judged.</returns>
    public async Task<Answered<PolicyEvaluationResult>> EvaluateAsync(
        Guid decisionPointId, ValueInput input, DateTimeOffset at, Guid runId, Action<string, double> report, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(report);
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Id == decisionPointId, cancel) is not { } point)
            return new Refusal("decision-point.unknown", "The decision point is gone; there is nothing to judge on.");
        var stored = await StoredVersions.ReadAsync(db, decisionPointId, cancel);
        stored.Need(point.CurrentVersion); // what is judged is held against it
        var contents = stored.Contents;
        var content = BlueprintJson.Served(input.Content);
        var live = await LiveAsync(db, decisionPointId, content, cancel);
        var goal = GoalReward.Of(content);
        if (goal.Refusal is { } aimless) return aimless;
        var grouped = await GroupLots.ReadAsync(db, decisionPointId, cancel);
        Answered<LoggedDecisions> Log() => LoggedDecisions.For(content, contents, goal.Value!, live.Sources, grouped, CurrentVersion.Of(content, contents, live.Sources));
        var asked = Log();
        if (asked.Refusal is { } unfit) return unfit;
        var log = asked.Value!;
        report("Read decisions", 1);
        var isAfterLearning = false;
        if (input is { From: null, Until: null, LoggedBy: null } or { IsWindow: true } && Known.Of(content.Policy, log.ModelNumber, live) is { } known && !(input.From >= known.Until)
            && await examples.CountClosedAsync(new(decisionPointId, goal.Value!.Outcomes) { From = known.Until, Until = input.Until, AsOf = at }, cancel) >= Known.EnoughAfter)
        {
            await ReadAsync(log, input with { From = known.Until });
            isAfterLearning = log.Count > 0 && log.Unsupported(out _) <= ValueWords.MostUnsupported;
            input = isAfterLearning ? input with { From = known.Until } : input with { From = input.From > known.From ? input.From : known.From, Until = known.Until };
            if (!isAfterLearning) log = Log().Value!;
        }
        if (!isAfterLearning) await ReadAsync(log, input);
        var seed = BinaryPrimitives.ReadInt64LittleEndian(runId.ToByteArray().AsSpan(8));
        return await Task.Run(() => Judge(point, input, content, goal.Value!, log, live, seed, report, cancel, isAfterLearning), cancel);

        async Task ReadAsync(LoggedDecisions into, ValueInput of)
        {
            var query = new ExampleQuery(decisionPointId, goal.Value!.Outcomes) { From = of.From, Until = of.Until, AsOf = at, ByPlace = into.IsRanking };
            query = query with { Newest = await examples.NewestOfAsync(query with { Outcomes = goal.Value.Outcomes[..goal.Value.Needed] }, MostOf(content, Most), cancel) };
            var read = 0L;
            await foreach (var example in examples.ReadAsync(query, cancel))
            {
                if (of.LoggedBy is { } only && example.Decision.BlueprintVersion != only) continue;
                into.Add(example);
                if (++read % 10_000 == 0) report("Read decisions", 1 + 39.0 * read / (read + 200_000));
            }
        }
    }

    internal static PolicyEvaluationResult Judge(
        DecisionPoint point, ValueInput input, BlueprintContent content, GoalReward reward, LoggedDecisions log, LiveFacts live, long seed, Action<string, double> report, CancellationToken cancel, bool isAfterLearning = false)
    {
        var learned = log.Learned;
        if (content.Policy is BanditPolicy bandit && log.Count > 0 && !content.Shape.TakesCandidates())
        {
            report("Learn as it would have", 40);
            (var probabilities, learned) = BanditReplay.Of(log, content, bandit, reward, seed, cancel);
            log.Become(probabilities);
        }
        var rows = log.Rows();
        var figures = WeightFigures.Of(rows.Weights, rows.Units);
        var unsupported = log.Unsupported(out var never);
        var isUnlearned = content.Policy is BanditPolicy && learned == 0; // what it does then is no policy of its own
        var refused = ValueWords.Refusal(figures, log.NotUsed, unsupported, [.. never.Select(a => log.Options[a])], log.DecisionCount, log.IsRanking)
            ?? (isUnlearned ? ValueWords.Unlearned(reward.Outcomes.Max(o => o.Window), log.LastAt - log.FirstAt) : null);
        var result = new PolicyEvaluationResult
        {
            DecisionPoint = point.Key, Title = input.Title, Policy = Words.Of(content.Policy), Reward = reward.Name, UnitOfMeasure = reward.UnitOfMeasure, IsRate = reward.IsRate,
            LowerIsBetter = reward.LowerIsBetter, From = input.From, Until = input.Until, LoggedBy = input.LoggedBy, FirstAt = log.FirstAt, LastAt = log.LastAt, IsAfterLearning = isAfterLearning, Decisions = log.DecisionCount, Per = log.IsRanking ? ValueWords.Place : "decision",
            Units = log.UnitCount, NotUsed = log.NotUsed, Refused = refused?.Why, RefusedCode = refused?.Code, Options = isUnlearned ? [] : Mix(log), Changed = isUnlearned ? double.NaN : log.Changed,
            Overlap = isUnlearned ? null : new(figures.EffectiveRows, figures.MeanWeight, figures.LargestWeight, figures.TopShare, unsupported, refused is not null ? "none" : figures.IsThin || figures.IsMisfit ? "thin" : "good") { EffectiveUnits = figures.EffectiveUnits },
        };
        if (log.Count > 1)
        {
            report("Encode", 40);
            result = result with { Served = Served(rows), Groups = log.Options.IsEmpty || isUnlearned ? [] : GroupShares.Of(log.Contexts, log.Taken, log.Probabilities, log.Options, content.Features) };
        }
        if (refused is not null) return result with { Sentence = ValueWords.Sentence(result) };

        var modelled = log.Options.IsEmpty ? rows : new RewardFits(log, reward, seed, report, cancel).With(rows);
        report("Estimate", 90);
        var plan = new EstimatePlan { Level = result.Level, Seed = seed };
        var explains = modelled.Model?.Explains(rows.Rewards, log.Taken) ?? double.NaN;
        var leads = explains > 0 ? "sndr" : "snips";
        var (estimates, fromBaseline) = (ImmutableArray<EstimatorFigures>.Empty, ChangeEstimate.Undefined);
        Parallel.Invoke(() => estimates = PolicyEstimates.Of(modelled, plan), () => fromBaseline = Baselines.Against(modelled, log, content, leads, plan));
        var headline = estimates.First(e => e.Name == leads);
        if (!double.IsFinite(headline.Bootstrap.Low) || !double.IsFinite(headline.Change.Low))
        {
            result = result with { Refused = ValueWords.Boundless().Why, RefusedCode = ValueWords.Boundless().Code };
            return result with { Sentence = ValueWords.Sentence(result) };
        }
        report("Compare", 96);
        var known = Known.Of(content.Policy, log.ModelNumber, live);
        var flattered = known is null ? 0 : Enumerable.Range(0, log.Count).Count(i => known.Has(log.TimeOf(i))) / (double)log.Count;
        ImmutableArray<EstimatorRow> table = [.. estimates.Select(EstimatorRow.Of)];
        result = result with
        {
            LearnedFrom = flattered, Knower = known?.Knower ?? Known.Model, Headline = headline.Name, Estimators = table, ModelExplains = explains,
            Value = Estimated.Of(headline.Value, headline.Bootstrap), Change = Estimated.Of(headline.Change), Relative = Estimated.Of(headline.Relative),
            FromBaseline = Estimated.Of(fromBaseline),
            FromCurrent = log.Current is { } current ? Estimated.Of(current.Against(modelled, log, headline, plan)) : null, Current = log.CurrentNumber,
            Learning = content.Policy is BanditPolicy ? LearningCourse.Of(learned, log, rows, result.Level) : null,
            Outcomes = OtherOutcomes.Of(log, rows, content, reward, plan),
            Warnings =
            [
                .. ValueWords.Warnings(figures, unsupported, table.FirstOrDefault(e => e.Name == "dm"), table.FirstOrDefault(e => e.Name == "dr"), flattered, known,
                    content.Policy is FixedPolicy or RandomPolicy or AsSentPolicy ? [] : log.NeverSeen, log.IsRanking),
                .. ValueWords.Lacked(content.Policy, log.Lacked),
            ],
        };
        return result with { Sentence = ValueWords.Sentence(result) };
    }

    private static Estimated Served(LoggedRows rows)
    {
        var mean = Estimators.Direct(rows.Rewards, rows.Units);
        return mean.Why != Cause.None ? Estimated.Undefined : Estimated.Of(mean, mean.At(0.95));
    }

    private static ImmutableArray<OptionShare> Mix(LoggedDecisions log)
    {
        if (log.Count == 0) return [];
        var options = log.Options.Length;
        double[] served = new double[options], wanted = new double[options], probabilities = log.Probabilities;
        if (options > 0) foreach (var option in log.Taken) if (option >= 0) served[option] += 1.0 / log.Count;
        for (var i = 0; i < probabilities.Length; i++) wanted[i % options] += probabilities[i] / log.Count;
        return [.. log.Options.Select((o, a) => new OptionShare(o, served[a], wanted[a]))];
    }

    private static async Task<LiveFacts> LiveAsync(LooperDb db, Guid point, BlueprintContent content, CancellationToken cancel)
    {
        var models = await db.Set<Model>().AsNoTracking().Where(m => m.DecisionPointId == point && m.State == ModelState.Live).ToListAsync(cancel);
        var used = models.Where(m => content.Goal.Terms.Any(t => t.Outcome == m.Outcome)).ToList();
        return new(
            [.. models.Select(m => new ModelSource(m.Number, m.Outcome, m.Artefact))], used.Count == 0 ? 0 : used.Max(m => m.Number),
            used.Count == 0 ? null : used.Min(m => m.DataFrom), used.Count == 0 ? null : used.Max(m => m.DataUntil));
    }
}
