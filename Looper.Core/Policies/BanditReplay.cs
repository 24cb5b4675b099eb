using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Learning.Bandits;
using Looper.Core.Serving;

namespace Looper.Core.Policies;

/// <summary>What a bandit would have done in each logged decision, had it learned from the log as it went.</summary>
/// <remarks>Estimand: the value of the learning policy itself, from its first, unknowing decision on. For every row the distribution comes from rows alone whose
/// windows were closed by then, so the weights π_i(a_i|x_i)/p_i are those of a policy that is known before the answer is drawn: each term is unbiased, and the
/// terms less their means are martingale differences (Li, Chu, Langford &amp; Wang 2011; Karampatziakis, Mineiro &amp; Ramdas 2021). What it would have learned from
/// its own answers it learns from those of the log, so one that would have tried more of something knows less of it here. The columns' scale and categories are
/// those of the whole log: they depend on no answer and no reward.</remarks>
internal static class BanditReplay
{
    private const int FewestNew = 10;
    private const int MostTreeRows = 5_000;
    private const double TreeGrowth = 1.2, Growth = 1.02, GuardedGrowth = 1.1;

    /// <summary>Distributions row after row, and how many rows it had learned from at the end.</summary>
    /// <param name="log">In the order of time.</param>
    public static (double[] Probabilities, int Learned) Of(LoggedDecisions log, BlueprintContent content, BanditPolicy policy, GoalReward reward, long seed, CancellationToken cancel)
    {
        var (options, data, taken, units, rewards) = (log.Options, log.LearningContexts, log.Taken, log.Units, Wanted(log.Rewards, reward));
        var (answers, range, window) = (AnswerSet.Of(content).Value!, BanditKnowledge.RangeOf(content), reward.Outcomes.Max(o => o.Window));
        var (design, settings) = (BanditDesign.Of(data.Columns, data.Values), BanditKnowledge.SettingsOf(policy, range));
        var statistics = new BanditStatistics(options.Length, design.Width);
        var guards = BanditGuarding.Beginning(content, answers, options, design.Width);
        int[] harms = [.. BanditGuarding.OutcomesOf(content).Select(o => reward.Outcomes.IndexOf(o))];
        var grows = settings.Algorithm == BanditAlgorithm.BootstrappedTrees;
        var @default = answers.Parse(content.Default)!.Value.Option;
        var rule = BanditKnowledge.Of(content, answers, null).Rule(policy, options, [], @default);
        double[] row = new double[data.Columns.Length], x = new double[design.Width], chances = new double[options.Length], all = new double[log.Count * options.Length];
        var (seen, learned, closed) = (0, 0, 0);
        for (var i = 0; i < log.Count; i++)
        {
            if (i % 1_000 == 0) cancel.ThrowIfCancellationRequested();
            for (var now = log.TimeOf(i) - window; seen < i && log.TimeOf(seen) <= now; seen++)
            {
                if (taken[seen] < 0) continue;
                Write(seen);
                statistics.Add(taken[seen], x, rewards[seen]);
                for (var g = 0; g < harms.Length; g++)
                    if (log.Outcome(harms[g], seen) is var harm && double.IsFinite(harm)) guards!.Add(g, taken[seen], x, BanditGuarding.HarmOf(reward.Outcomes[harms[g]], harm), (ulong)units[seen]);
                closed++;
            }
            if (closed >= BanditKnowledge.FewestRewards && closed >= learned + FewestNew && closed >= learned * (grows ? TreeGrowth : guards is null ? Growth : GuardedGrowth))
            {
                var trees = grows ? TreeBandit.Of(Newest(seen, MostTreeRows), options.Length, settings, seed, cancel) : null;
                var state = BanditGuarding.Guard(new(options, design, statistics, trees) { Guards = guards }, guards is null ? [] : Newest(seen, BanditGuarding.MostRows).ConvertAll(r => r.X), content, policy).State;
                rule = BanditKnowledge.Of(content, answers, state).Rule(policy, options, [], @default);
                learned = closed;
            }
            Write(i);
            rule.Distribute(x, chances);
            chances.CopyTo(all.AsSpan(i * options.Length));
        }
        return (all, learned);

        void Write(int at)
        {
            data.CopyRow(at, row);
            design.Write(row, x);
        }

        List<RewardedRow> Newest(int until, int most)
        {
            var rows = new List<RewardedRow>();
            for (var i = until - 1; i >= 0 && rows.Count < most; i--)
            {
                if (taken[i] < 0) continue;
                Write(i);
                rows.Add(new([.. x], taken[i], rewards[i]));
            }
            rows.Reverse();
            return rows;
        }
    }

    // More is better, a rate begins at 0, and a single outcome has its weight: as a bandit that serves learns.
    private static double[] Wanted(double[] rewards, GoalReward reward)
    {
        var (sign, shift) = (reward.LowerIsBetter ? -1 : 1, reward.Range is { } range ? (reward.LowerIsBetter ? range.High : -range.Low) : 0);
        return Array.ConvertAll(rewards, r => reward.Weight * (sign * r + shift));
    }
}
