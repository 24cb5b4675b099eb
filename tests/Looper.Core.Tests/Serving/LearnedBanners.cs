using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Learning.Bandits;
using Looper.Core.Numerics;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Serving;

/// <summary>What a bandit over the banners has learned: in NL ten percent sells, elsewhere free shipping.</summary>
internal static class LearnedBanners
{
    public static byte[] Bytes(BanditPolicy policy, int rows = 1_500) => BanditFile.Write(State(policy, rows));

    /// <summary>With a guardrail.</summary>
    public static BlueprintContent Guarded(BanditPolicy policy) => Serve.Banner(policy) is var content ? content with { Goal = content.Goal with { Guardrails = [new("refunds", 0.1)] } } : content;

    /// <summary>Half of all decisions follow what was learned, and free shipping costs as much as a purchase brings.</summary>
    public static byte[] GuardedBytes(BanditPolicy policy)
    {
        var (state, harms) = (State(policy), new BanditStatistics(3, State(policy).Design.Width));
        double[][] penalties = [new double[state.Design.Width], new double[state.Design.Width], new double[state.Design.Width]];
        penalties[2][0] = 1;
        return BanditFile.Write(state with { Guards = new(["refunds"], BanditGuarding.MeaningsOf(Guarded(policy)), "none", [harms], [1], 0.5, [.. penalties]) });
    }

    public static BanditState State(BanditPolicy policy, int rows = 1_500)
    {
        var random = new Philox(8, "banners");
        Column[] columns = [new("country", ColumnKind.Category, ["NL", "DE"]), new("cartValue", ColumnKind.Number, [])];
        double[][] values = [[.. Enumerable.Range(0, rows).Select(i => (double)(i / 3 % 2))], [.. Enumerable.Range(0, rows).Select(_ => 50 + 20 * random.Normal())]];
        var design = BanditDesign.Of([.. columns], values);
        var (statistics, taught) = (new BanditStatistics(3, design.Width), new List<RewardedRow>());
        for (var i = 0; i < rows; i++)
        {
            var x = new double[design.Width];
            design.Write([values[0][i], values[1][i]], x);
            var reward = random.Uniform() < (i % 3 == (values[0][i] == 0 ? 1 : 2) ? 0.8 : 0.2) ? 1 : 0;
            statistics.Add(i % 3, x, reward);
            taught.Add(new(x, i % 3, reward));
        }
        var settings = BanditKnowledge.SettingsOf(policy, 1);
        return new(["none", "ten-percent", "free-shipping"], design, statistics, settings.Algorithm == BanditAlgorithm.BootstrappedTrees ? TreeBandit.Of(taught, 3, settings, 1, default) : null);
    }
}
