using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning.Bandits;
using Looper.Core.Serving;

namespace Looper.Core.Bandits;

/// <summary>From rewarded decisions to what is known after them.</summary>
internal static class BanditUpdate
{
    /// <summary>Contexts that the chances of being best are a mean over, the newest.</summary>
    public const int BelievedRows = 200;

    /// <param name="before">What was known; null to learn from the beginning.</param>
    /// <param name="recent">The newest, learned from before or not: on their contexts guardrails are looked at and the chances of being best told.</param>
    /// <param name="since">Decisions from here on are told in the step.</param>
    /// <param name="at">End of the step.</param>
    public static (BanditState State, BanditStep Step) Of(
        BanditState? before, RewardedDecisions read, RewardedDecisions recent, BlueprintContent content, BanditPolicy policy, DateTimeOffset since, DateTimeOffset at, long seed, CancellationToken cancel)
    {
        var (settings, answers, design) = (BanditKnowledge.SettingsOf(policy, BanditKnowledge.RangeOf(content)), AnswerSet.Of(content).Value!, before?.Design ?? read.Design());
        var options = !answers.TakesCandidates ? answers.Options : answers.IsPick ? BanditState.OfCandidates : BanditState.OfPlaces(answers.Places);
        var statistics = before?.Statistics ?? new BanditStatistics(options.Length, design.Width);
        var guards = before is null ? BanditGuarding.Beginning(content, answers, options, design.Width) : before.Guards;
        var grows = before is null && settings.Algorithm == BanditAlgorithm.BootstrappedTrees;
        var newest = new List<RewardedRow>();
        read.Each(design, (i, x) =>
        {
            read.AddTo(statistics, guards, i, x);
            if (grows && i >= read.Count - BanditLearning.MostTreeRows) newest.Add(new([.. x], read.Option(i), read.Reward(i)));
        }, cancel);
        var state = new BanditState(options, design, statistics, grows ? TreeBandit.Of(newest, options.Length, settings, seed, cancel) : before?.Trees) { Guards = guards };
        var (guarded, found) = BanditGuarding.Guard(state, guards is null ? [] : recent.Contexts(design, cancel), content, policy);
        return (guarded, StepOf(guarded, read, Believed(recent, design, content, cancel), since, at) with { Guardrails = GuardrailFigure.Of(guarded, found, content), Held = guarded.Guards is { } kept ? 1 - kept.Share : null });
    }

    private static List<double[]> Believed(RewardedDecisions recent, BanditDesign design, BlueprintContent content, CancellationToken cancel)
    {
        var rows = new List<double[]>();
        if (!content.Shape.TakesCandidates()) recent.Each(design, Math.Max(0, recent.Count - BelievedRows), recent.Count, (_, x) => rows.Add([.. x]), cancel);
        return rows;
    }

    private static BanditStep StepOf(BanditState state, RewardedDecisions read, List<double[]> contexts, DateTimeOffset since, DateTimeOffset at)
    {
        var (own, options) = (Enumerable.Range(0, read.Count).Where(i => read.Time(i) >= since && read.IsOwn(i)).ToArray(), state.Options);
        if (state.IsOfCandidates)
        {
            int[] decisions = [.. own.Where(read.IsFirst)];
            var most = decisions.GroupBy(i => read.Candidate(i)!).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).Take(BanditStep.MostCandidates);
            return new(at, decisions.Length, own.Count(read.Explored), own.Sum(read.Reward), most.ToImmutableSortedDictionary(g => g.Key, g => (long)g.Count()), ImmutableSortedDictionary<string, double>.Empty)
            {
                Places = state.IsOfPlaces ? own.Length : 0,
            };
        }
        var (chosen, sums, chances) = (new long[options.Length], new double[options.Length], new double[options.Length]);
        foreach (var i in own) chosen[read.Option(i)]++;
        var (belief, noise) = (LinearBandit.Of(state.Statistics, new()), Math.Max(1e-9, state.Statistics.RewardDeviation));
        foreach (var x in contexts)
        {
            belief.ChancesOfBest(x, noise, chances);
            for (var a = 0; a < sums.Length; a++) sums[a] += chances[a] / contexts.Count;
        }
        return new(
            at, own.Length, own.Count(read.Explored), own.Sum(read.Reward),
            options.Select((key, a) => (key, chosen[a])).ToImmutableSortedDictionary(o => o.key, o => o.Item2),
            options.Select((key, a) => (key, sums[a])).ToImmutableSortedDictionary(o => o.key, o => o.Item2));
    }
}
