using Looper.Core.Events;
using Looper.Testing.Events;

namespace Looper.Core.Tests.Events;

public sealed class AppendLineTests
{
    private const int Capacity = 1_000;

    [Fact]
    public void R17_a_decision_point_that_floods_the_line_is_refused_at_half_and_others_still_get_in()
    {
        var line = new AppendLine(Capacity);
        Assert.Equal(Capacity / 2, Flood(line, Point(1)).Count);
        Assert.Equal(AppendStatus.Full, line.TryAdd(Decision(Point(1))));
        Assert.Equal(AppendStatus.Stored, line.TryAdd(Decision(Point(2))));
    }

    [Theory, InlineData(1), InlineData(4), InlineData(7)]
    public void R17_where_several_flood_it_a_place_is_left_for_one_more(int flooding)
    {
        var line = new AppendLine(Capacity);
        for (var round = 0; round < 3; round++)
        {
            for (var point = 1; point <= flooding; point++) Flood(line, Point(point));
        }
        Assert.InRange(line.Records, Capacity * flooding / (flooding + 1) / 2, Capacity - 1);
        Assert.Equal(AppendStatus.Stored, line.TryAdd(Decision(Point(1_000))));
        Assert.Equal(AppendStatus.Stored, line.TryAdd(new ObservationsAppend([[Recorded.Observation("o", "d")]])));
    }

    [Fact]
    public void R17_what_has_left_makes_room_for_its_own_decision_point()
    {
        var line = new AppendLine(Capacity);
        var flood = Flood(line, Point(1));
        line.Leave(flood.ToArray().AsSpan(0, 100));
        Assert.Equal(100, Flood(line, Point(1)).Count);
        line.Leave(flood.ToArray().AsSpan(100));
        Assert.Equal(100, line.Records);
    }

    [Fact]
    public async Task R17_a_batch_over_several_points_counts_for_each_and_only_the_flooding_ones_part_is_refused()
    {
        var line = new AppendLine(Capacity);
        Flood(line, Point(1));
        var batch = Decisions(Point(2), Point(1), Point(1), Point(3));
        Assert.Equal(AppendStatus.Stored, line.TryAdd(batch));
        Assert.Equal((Capacity / 2) + 2, line.Records);
        batch.Answer();
        Assert.Equal([false, true, true, false], (await batch.Answered).Select(a => a.Status == AppendStatus.Full));
        Assert.Equal(AppendStatus.Full, line.TryAdd(Decisions(Point(1), Point(1))));

        line.Leave([batch]); // and each share is given back as it was taken
        Assert.Equal(Capacity / 2, line.Records);
        Assert.Equal(Capacity / 4, Flood(line, Point(2)).Count);
    }

    [Fact]
    public void R17_batches_whose_first_point_is_another_each_time_flood_no_more_than_single_calls()
    {
        var line = new AppendLine(Capacity);
        for (var i = 0; i < 300; i++) line.TryAdd(Decisions(Point(10 + i), Point(1), Point(1), Point(1)));
        Assert.Equal(AppendStatus.Full, line.TryAdd(Decision(Point(1))));
        Assert.Equal(AppendStatus.Stored, line.TryAdd(Decision(Point(2))));
    }

    [Fact]
    public void A_batch_larger_than_the_line_is_taken_when_it_is_empty()
    {
        var line = new AppendLine(4);
        var batch = new DecisionsAppend(Enumerable.Range(0, 9).Select(i => Recorded.Decision($"d-{i}")).ToArray(), durable: false);
        Assert.Equal(AppendStatus.Stored, line.TryAdd(batch));
        Assert.Equal(AppendStatus.Full, line.TryAdd(Decision(Point(2))));
        line.Leave([batch]);
        Assert.Equal(AppendStatus.Stored, line.TryAdd(Decision(Point(2))));
    }

    [Fact]
    public void R17_who_asks_before_is_told_what_would_become_of_the_append()
    {
        var random = new Random(5);
        var refused = 0;
        for (var round = 0; round < 2_000; round++)
        {
            var line = new AppendLine(40);
            for (var i = random.Next(50); i > 0; i--) line.TryAdd(Decisions([.. Enumerable.Repeat(Point(random.Next(3)), random.Next(1, 6))]));
            var (point, records) = (Point(random.Next(4)), random.Next(1, 30));
            var hasRoom = line.HasRoom(point, records);
            Assert.Equal(line.TryAdd(Decisions([.. Enumerable.Repeat(point, records)])) == AppendStatus.Stored, hasRoom);
            if (!hasRoom) refused++;
        }
        Assert.InRange(refused, 200, 1_800);
    }

    [Fact]
    public void R17_a_call_by_itself_goes_before_the_batches_that_wait_and_then_it_is_their_turn()
    {
        var line = new AppendLine(10_000);
        DecisionsAppend[] batches = [.. Enumerable.Range(0, 7).Select(_ => Batch(400))];
        foreach (var batch in batches) line.TryAdd(batch);
        Assert.Equal(batches[..2], Group(line));
        var calls = Enumerable.Range(2, 3).Select(p => Decision(Point(p))).ToArray();
        line.TryAdd(calls[0]);
        line.TryAdd(calls[1]);
        Assert.Equal(calls[..2], Group(line));
        line.TryAdd(calls[2]);
        Assert.Equal(batches[2..4], Group(line));
        Assert.Equal(calls[2..], Group(line));
        Assert.Equal(batches[4..6], Group(line));
        Assert.Equal(batches[6..], Group(line));
        Assert.Empty(Group(line));
        Assert.Equal(2_803, line.Records); // until they are answered
    }

    [Fact]
    public void A_group_holds_no_more_than_it_may_unless_one_append_has_more()
    {
        var line = new AppendLine(100_000);
        var calls = Flood(line, Point(1)).Count;
        var (large, sizes) = (Batch(5_000, of: 2), new List<int>());
        line.TryAdd(large);
        for (var group = Group(line); group.Count > 0; group = Group(line)) sizes.Add(group.Sum(g => g.Records));
        Assert.Equal(calls + 5_000, sizes.Sum());
        Assert.Equal([1_000, 5_000], sizes.Take(2)); // it waits for one group of calls, not for all of them
        Assert.All(sizes.Skip(2), size => Assert.InRange(size, 1, 1_000));
    }

    private static List<Append> Group(AppendLine line)
    {
        var group = new List<Append>();
        line.Take(group, TimeSpan.Zero, most: 1_000, company: 1, TimeSpan.Zero);
        return group;
    }

    private static DecisionsAppend Batch(int records, int of = 1) => Decisions([.. Enumerable.Repeat(Point(of), records)]);

    private static List<Append> Flood(AppendLine line, Guid point)
    {
        var taken = new List<Append>();
        for (var append = Decision(point); line.TryAdd(append) == AppendStatus.Stored; append = Decision(point)) taken.Add(append);
        return taken;
    }

    private static DecisionsAppend Decision(Guid point) => Decisions(point);

    private static DecisionsAppend Decisions(params Guid[] points) => new(points.Select(p => Recorded.Decision("d", point: p)).ToArray(), durable: false);

    private static Guid Point(int number) => new(number, 0, 0, new byte[8]);
}
