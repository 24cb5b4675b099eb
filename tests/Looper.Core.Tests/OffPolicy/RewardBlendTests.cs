using Looper.Core.Numerics;
using Looper.Core.OffPolicy;

namespace Looper.Core.Tests.OffPolicy;

public class RewardBlendTests
{
    private const int Rows = 900;
    private static readonly int[] s_folds = [.. Enumerable.Range(0, Rows).Select(i => i % 3)];

    /// <summary>Two options tried evenly; the policy knows which is right in nine of ten rows.</summary>
    private static (int[] Taken, double[] Policy, double[] Rewards, double[] Weights) Log()
    {
        var random = new Philox(5, "reward-blend");
        var (taken, policy, rewards, weights) = (new int[Rows], new double[2 * Rows], new double[Rows], new double[Rows]);
        for (var i = 0; i < Rows; i++)
        {
            int right = random.Below(2), preferred = random.Uniform() < 0.9 ? right : 1 - right;
            (policy[2 * i + preferred], policy[2 * i + 1 - preferred]) = (0.95, 0.05);
            taken[i] = random.Below(2);
            rewards[i] = taken[i] == right ? 1 : 0;
            weights[i] = policy[2 * i + taken[i]] / 0.5;
        }
        return (taken, policy, rewards, weights);
    }

    private static double[] Squares(double[] weights) => [.. weights.Select(w => w * w)];

    [Fact] // statistics: of 1 and 0, nine in ten right, about 0.09 of the variance of 0.25 is left; a constant leaves all of it
    public void A_model_that_learned_nothing_is_told_what_the_policy_prefers()
    {
        var (taken, policy, rewards, weights) = Log();
        double[] half = [.. policy.Select(_ => 0.5)];
        var blended = RewardBlend.Of(half, taken, policy, 2, s_folds, rewards, Squares(weights), (0, 1));
        Assert.InRange(blended.Explains(rewards, taken), 0.5, 0.75);
        var alone = RewardModel.Apply(half, taken, policy, 2);
        var (with, without) = (Estimators.DoublyRobust(weights, rewards, blended.Predicted, blended.Values), Estimators.DoublyRobust(weights, rewards, alone.Predicted, alone.Values));
        Assert.True(with.StandardError < 0.8 * without.StandardError, $"{with.StandardError} against {without.StandardError}");
    }

    [Theory, InlineData(3), InlineData(2)] // every so-manieth row had an option that is gone and brought 10; the model knows what the others bring
    public void Rows_of_an_option_that_is_gone_say_nothing_of_the_model(int every)
    {
        var (taken, policy, rewards, weights) = Log();
        double[] known = [.. policy.Select((_, at) => at % 2 == taken[at / 2] ? rewards[at / 2] : 1 - rewards[at / 2])];
        for (var i = 0; i < Rows; i += every) (taken[i], rewards[i], weights[i]) = (-1, 10, 0);
        var told = RewardBlend.Of(known, taken, policy, 2, s_folds, rewards, Squares(weights), null);
        Assert.Equal(1, told.Explains(rewards, taken), 1e-9);
        Assert.True(double.IsNaN(told.Explains(rewards, [.. taken.Select(_ => -1)])));
    }

    [Fact] // a row's own reward, and those of its fold, move nothing that is predicted of it
    public void No_row_is_predicted_by_its_own_fold()
    {
        var (taken, policy, rewards, weights) = Log();
        double[] half = [.. policy.Select(_ => 0.5)], other = [.. rewards.Select((r, i) => s_folds[i] == 0 ? 0.1 + 0.8 * r : r)];
        ModelledRewards Of(double[] r) => RewardBlend.Of(half, taken, policy, 2, s_folds, r, Squares(weights), null);
        var (one, two) = (Of(rewards), Of(other));
        Assert.All(Enumerable.Range(0, Rows).Where(i => s_folds[i] == 0), i => Assert.Equal(one.Values[i], two.Values[i], 1e-12));
        Assert.Contains(Enumerable.Range(0, Rows), i => Math.Abs(one.Values[i] - two.Values[i]) > 0.01);
    }

    [Fact] // what knows every reward is left as it is; a policy without preference adds a column that says nothing
    public void A_perfect_model_stays_as_it_is()
    {
        var (taken, policy, rewards, weights) = Log();
        double[] known = [.. policy.Select((_, at) => at % 2 == taken[at / 2] ? rewards[at / 2] : 1 - rewards[at / 2])], even = [.. policy.Select(_ => 0.5)];
        Assert.Equal(rewards, RewardBlend.Of(known, taken, policy, 2, s_folds, rewards, Squares(weights), (0, 1)).Predicted, (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Equal(rewards, RewardBlend.Of(known, taken, even, 2, s_folds, rewards, [.. rewards.Select(_ => 1.0)], (0, 1)).Predicted, (a, b) => Math.Abs(a - b) < 1e-9);
    }
}
