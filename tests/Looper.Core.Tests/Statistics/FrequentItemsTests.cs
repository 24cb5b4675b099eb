using Looper.Core.Numerics;
using Looper.Core.Statistics;

namespace Looper.Core.Tests.Statistics;

public sealed class FrequentItemsTests
{
    [Fact]
    public void Counts_are_exact_while_there_is_room()
    {
        var items = new FrequentItems(room: 3);
        foreach (var text in new[] { "b", "a", "c", "b", "a", "b" }) items.Add(text);
        Assert.Equal((6, 0, 3), (items.Total, items.Shortfall, items.Distinct));
        Assert.Equal([new("b", 3), new("a", 2)], items.Commonest(2));
        Assert.Equal((1, 0), (items.Count("c"), items.Count("d")));
    }

    [Fact] // by hand: the fourth text has no room, so all four lose one
    public void A_text_without_room_takes_one_from_each()
    {
        var items = new FrequentItems(room: 3);
        foreach (var text in new[] { "a", "a", "b", "c", "d", "e" }) items.Add(text);
        Assert.Equal((6, 1, 3), (items.Total, items.Shortfall, items.Distinct));
        Assert.Equal([new("a", 1), new("e", 1)], items.Commonest(9));
    }

    [Fact]
    public void Long_texts_take_room_by_their_length()
    {
        var items = new FrequentItems(room: 100, roomCharacters: 10);
        items.Add(new('x', 6));
        items.Add(new('y', 6)); // no room: both go
        Assert.Equal((1, 1), (items.Shortfall, items.Distinct));
        items.Add(new('z', 10)); // and their room is free again
        Assert.Equal(1, items.Count(new('z', 10)));
    }

    [Fact] // identity: true − counted lies in [0, shortfall], and shortfall ≤ total/(room + 1)
    public void A_count_is_too_small_by_no_more_than_it_says()
    {
        var (random, items, truth) = (new Philox(5, "items"), new FrequentItems(room: 20), new Dictionary<string, long>());
        for (var i = 0; i < 20_000; i++)
        {
            var text = random.Uniform() < 0.3 ? $"often {random.Below(4)}" : $"once {random.Below(3_000)}";
            truth[text] = truth.GetValueOrDefault(text) + 1;
            items.Add(text);
        }
        Assert.InRange(items.Shortfall, 1, 20_000 / 21);
        Assert.All(truth, t => Assert.InRange(t.Value - items.Count(t.Key), 0, items.Shortfall));
        Assert.Equal(4, items.Commonest(4).Count(c => c.Key.StartsWith("often", StringComparison.Ordinal)));
    }
}
