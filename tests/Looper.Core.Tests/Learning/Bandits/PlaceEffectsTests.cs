using Looper.Core.Learning.Bandits;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Learning.Bandits;

public sealed class PlaceEffectsTests
{
    private static readonly double[] s_truth = [1, 0.6, 0.3, 0.15];

    [Fact] // the app shows first what is wanted least, but for one call in five: looked at more, it seems to be wanted as much as the rest
    public void What_a_place_brings_is_told_apart_from_what_stands_there()
    {
        var (placed, random) = (new BanditStatistics(s_truth.Length, 2), new Philox(5, "place-effects"));
        for (var t = 0; t < 8_000; t++)
        {
            double[] wanted = [.. Enumerable.Range(0, s_truth.Length).Select(_ => random.Uniform())];
            if (t % 5 != 0) Array.Sort(wanted);
            for (var k = 0; k < wanted.Length; k++) placed.Add(k, [1, wanted[k]], random.Uniform() < s_truth[k] * (0.1 + 0.4 * wanted[k]) ? 1 : 0);
        }
        var effects = PlaceEffects.Of(placed, 0.1);
        for (var k = 0; k < effects.Length; k++) Assert.InRange(effects[k], s_truth[k] - 0.05, s_truth[k] + 0.05);
        var told = RidgePosterior.Of(PlaceEffects.AtTheTop(placed, effects.AsSpan()), 0.1, 0).Weights();
        Assert.InRange(told[1], 0.33, 0.47);
        var ignoring = RidgePosterior.Of(PlaceEffects.AtTheTop(placed, [1, 1, 1, 1]), 0.1, 0).Weights();
        Assert.InRange(ignoring[1], -0.1, 0.1); // the truth is 0.4
    }

    [Fact]
    public void A_row_at_a_place_of_effect_a_half_is_half_a_row_at_the_top()
    {
        RidgeStatistics placed = new(2), halved = new(2), top = new(2);
        placed.Add([1, 3], 0.5);
        halved.Add([0.5, 1.5], 0.5);
        top.Add(placed, 0.5);
        Assert.Equal(halved.Squares, top.Squares);
        Assert.Equal(halved.Products, top.Products);
        Assert.Equal((0.25, 0.25, 0.25), (top.Weight, top.Reward, top.SquaredReward));
    }

    [Fact]
    public void Without_rows_or_without_anything_to_tell_them_apart_places_are_alike()
    {
        Assert.Equal([1, 1, 1], PlaceEffects.Of(new(3, 2), 0.1));
        var never = new BanditStatistics(3, 2);
        for (var k = 0; k < 3; k++) never.Add(k, [1, k], 0);
        Assert.Equal([1, 1, 1], PlaceEffects.Of(never, 0.1));
    }

    [Fact]
    public void Places_far_down_share_one_effect()
    {
        Assert.Equal([1, 4, 6, 7, 7, 11], new[] { 1, 4, 7, 8, 10, 50 }.Select(PlaceEffects.Bands));
        Assert.Equal([0, 4, 5, 5, 6, 6, 7, 10], new[] { 0, 4, 5, 6, 7, 9, 10, 49 }.Select(PlaceEffects.BandOf));
        for (var places = 1; places <= 50; places++)
        {
            var last = PlaceEffects.PlacesOf(PlaceEffects.Bands(places) - 1, places);
            Assert.Equal((PlaceEffects.BandOf(places - 1), places), (PlaceEffects.BandOf(last.First - 1), last.Last));
        }
    }
}
