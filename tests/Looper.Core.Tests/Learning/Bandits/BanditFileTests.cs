using System.Collections.Immutable;
using Looper.Core.Learning;
using Looper.Core.Learning.Bandits;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Learning.Bandits;

public class BanditFileTests
{
    [Theory, InlineData(BanditAlgorithm.LinUcb), InlineData(BanditAlgorithm.Thompson), InlineData(BanditAlgorithm.ThompsonBeta), InlineData(BanditAlgorithm.BootstrappedTrees)]
    public void What_is_read_serves_as_what_was_written(BanditAlgorithm algorithm)
    {
        BanditSettings settings = new() { Algorithm = algorithm, Members = 4 };
        var state = Learned(settings);
        var (bytes, x) = (BanditFile.Write(state), new double[state.Design.Width]);
        var read = BanditFile.Read(bytes)!;
        double[] written = new double[3], again = new double[3];
        foreach (var row in (double[][])[[0.4, 1], [double.NaN, 0], [-3, double.NaN]])
        {
            state.Design.Write(row, x);
            state.Compile(settings, ["a", "b", "c"])!.Distribute(x, written);
            read.Design.Write(row, x);
            read.Compile(settings, ["a", "b", "c"])!.Distribute(x, again);
            Assert.Equal(written, again);
        }
        Assert.Equal(bytes, BanditFile.Write(read));
    }

    [Fact]
    public void What_was_learned_of_guardrails_is_read_as_it_was_written()
    {
        var state = Learned(new());
        var harms = new BanditStatistics(3, state.Design.Width);
        for (var a = 0; a < 3; a++) harms.Add(a, [.. Enumerable.Range(0, state.Design.Width).Select(j => j == 0 ? 1.0 : a * 0.1 + j)], 0.25 * a);
        double[][] penalties = [.. Enumerable.Range(0, 3).Select(a => Enumerable.Range(0, state.Design.Width).Select(j => 0.1 * a - 0.05 * j).ToArray())];
        state = state with { Guards = new(["refund"], ["refund within 0.1"], "b", [harms], [1.5], 0.25, [.. penalties]) };
        var bytes = BanditFile.Write(state);
        var read = BanditFile.Read(bytes)!;
        Assert.Equal(bytes, BanditFile.Write(read));
        Assert.Equal((0.25, "refund within 0.1", "b", 1.5, 3.0), (read.Guards!.Share, read.Guards.Meanings.Single(), read.Guards.Baseline, read.Guards.Multipliers[0], read.Guards.Harms[0].Weight));
        Assert.Equal(penalties[2], read.Guards.Penalties[2]);
        for (var length = 40; length < bytes.Length; length += 97) Assert.Null(BanditFile.Read(bytes.AsSpan(0, length)));
    }

    [Theory, InlineData(BanditAlgorithm.LinUcb), InlineData(BanditAlgorithm.SquareCb), InlineData(BanditAlgorithm.ThompsonBeta), InlineData(BanditAlgorithm.BootstrappedTrees)]
    public void What_harm_costs_is_taken_off_and_nothing_off_changes_no_bit(BanditAlgorithm algorithm)
    {
        BanditSettings settings = new() { Algorithm = algorithm, Members = 4 };
        var state = Learned(settings);
        var x = new double[state.Design.Width];
        state.Design.Write([0.4, 1], x);
        double[] plain = new double[3], free = new double[3], costly = new double[3];
        double[][] Penalties(double off) => [new double[x.Length], [off, .. new double[x.Length - 1]], new double[x.Length]];
        BanditState Guarded(double off) => state with { Guards = new(["refund"], ["refund within 0.1"], "a", [], [], 1, [.. Penalties(off)]) };
        state.Compile(settings, state.Options)!.Distribute(x, plain);
        Guarded(0).Compile(settings, state.Options)!.Distribute(x, free);
        var best = Guarded(2).Compile(settings, state.Options)!.Distribute(x, costly);
        Assert.Equal(plain, free);
        Assert.True(plain[1] > 0.4, $"{plain[1]}"); // the best by far
        Assert.True(costly[1] < 0.02, $"{costly[1]}");
        Assert.NotEqual(1, best);
    }

    [Fact]
    public void Broken_bytes_are_nothing_learned()
    {
        var bytes = BanditFile.Write(Learned(new()));
        Assert.Null(BanditFile.Read([]));
        Assert.Null(BanditFile.Read("something else"u8));
        for (var length = 0; length < bytes.Length; length += 7) Assert.Null(BanditFile.Read(bytes.AsSpan(0, length)));
    }

    [Fact] // what was learned follows the key, not the place
    public void Options_are_matched_by_key()
    {
        BanditSettings settings = new() { Algorithm = BanditAlgorithm.Thompson, Explore = 0 };
        var state = Learned(settings);
        var x = new double[state.Design.Width];
        state.Design.Write([0.4, 1], x);
        double[] before = new double[3], after = new double[4];
        state.Compile(settings, ["a", "b", "c"])!.Distribute(x, before);
        state.Compile(settings, ["c", "new", "a", "b"])!.Distribute(x, after);
        Assert.True(after[1] > 0);
        Assert.Equal(before[1] / before[0], after[3] / after[2], before[1] / before[0] * 0.5);
    }

    [Fact] // rather than write past the end of a row
    public void Columns_beyond_what_fits_have_no_place()
    {
        ImmutableArray<Column> columns = [.. Enumerable.Range(0, 200).Select(i => new Column($"n{i}", ColumnKind.Number, []))];
        var design = BanditDesign.Of(columns, [.. columns.Select((_, j) => new double[] { j, j + 1, double.NaN })]);
        Assert.Equal(1 + 2 * BanditDesign.MostColumns, design.Width);
        var x = new double[BanditDesign.MostWidth];
        design.Write([.. columns.Select((_, j) => (double)j)], x.AsSpan(0, design.Width));
        Assert.Contains(x.Skip(1), v => v != 0);
    }

    [Fact]
    public void Missing_unknown_and_gross_values_have_a_place()
    {
        var design = Learned(new()).Design;
        var x = new double[design.Width];
        design.Write([1e9, 99], x);
        Assert.Equal(1, x[0]);
        Assert.Equal(10 / Math.Sqrt(2), x.Max(), 1e-12);
        design.Write([double.NaN, double.NaN], x);
        Assert.Equal(2, x.Skip(1).Count(v => v > 0));
    }

    [Fact] // level k comes 10 + k times, and there is room for 62 beside the one that the others share
    public void Of_too_many_levels_the_commonest_are_told_apart()
    {
        Column[] columns = [new("city", ColumnKind.Category, [.. Enumerable.Range(0, 70).Select(k => $"c{k}")])];
        double[] values = [.. Enumerable.Range(0, 70).SelectMany(k => Enumerable.Repeat((double)k, 10 + k))];
        var design = BanditDesign.Of([.. columns], [values], BanditDesign.MostOfCandidates);
        Assert.Equal(BanditDesign.MostOfCandidates, design.Width);
        int Place(double level)
        {
            var x = new double[design.Width];
            design.Write([level], x);
            return Array.FindLastIndex(x, v => v != 0);
        }
        Assert.Equal(62, Enumerable.Range(8, 62).Select(k => Place(k)).Where(p => p < 63).Distinct().Count());
        Assert.All([.. Enumerable.Range(0, 8).Select(k => (double)k), double.NaN, 99], level => Assert.Equal(63, Place(level)));
    }

    [Fact] // 40 numbers and a category of 200 levels: the category gives way
    public void A_wide_context_is_cut_to_what_can_be_learned()
    {
        var random = new Philox(2);
        Column[] columns = [.. Enumerable.Range(0, 40).Select(j => new Column($"x{j}", ColumnKind.Number, [])), new("word", ColumnKind.Category, [.. Enumerable.Range(0, 200).Select(k => $"w{k}")])];
        var values = columns.Select((c, j) => Enumerable.Range(0, 2_000).Select(i => j < 40 ? random.Normal() : i % 200).ToArray()).ToArray();
        var design = BanditDesign.Of([.. columns], values);
        Assert.Equal(1 + 80 + 47, design.Width);
    }

    private static BanditState Learned(BanditSettings settings)
    {
        var random = new Philox(9);
        Column[] columns = [new("age", ColumnKind.Number, []), new("device", ColumnKind.Category, ["phone", "desktop"])];
        double[][] values = [[.. Enumerable.Range(0, 300).Select(i => i % 10 == 0 ? double.NaN : random.Normal())], [.. Enumerable.Range(0, 300).Select(i => (double)(i % 2))]];
        var design = BanditDesign.Of([.. columns], values);
        var (statistics, rows) = (new BanditStatistics(3, design.Width), new List<RewardedRow>());
        for (var i = 0; i < 300; i++)
        {
            var x = new double[design.Width];
            design.Write([values[0][i], values[1][i]], x);
            var reward = random.Uniform() < (i % 3 == 1 ? 0.8 : 0.3) ? 1 : 0;
            statistics.Add(i % 3, x, reward);
            rows.Add(new(x, i % 3, reward));
        }
        var trees = settings.Algorithm == BanditAlgorithm.BootstrappedTrees ? TreeBandit.Of(rows, 3, settings, 1, CancellationToken.None) : null;
        return new(["a", "b", "c"], design, statistics, trees);
    }
}
