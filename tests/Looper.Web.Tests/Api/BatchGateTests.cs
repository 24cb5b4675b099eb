using System.Buffers;
using System.Text;
using Looper.Web.Api;

namespace Looper.Web.Tests.Api;

public sealed class BatchGateTests
{
    [Fact]
    public async Task As_many_bytes_as_it_says_are_worked_on_at_once_and_the_next_wait_until_some_leave()
    {
        var gate = new BatchGate(most: 20, room: 100);
        Assert.True(await gate.EnterAsync(1, 15, default));
        Assert.True(await gate.EnterAsync(1, 5, default));
        var waiting = new[] { gate.EnterAsync(1, 10, default).AsTask(), gate.EnterAsync(1, 3, default).AsTask(), gate.EnterAsync(1, 3, default).AsTask() };
        Assert.DoesNotContain(waiting, w => w.IsCompleted);
        gate.Leave(15);
        Assert.True(await waiting[0]);
        Assert.True(await waiting[1]);
        Assert.False(waiting[2].IsCompleted);
        gate.Leave(10);
        Assert.True(await waiting[2]);
    }

    [Fact]
    public async Task The_lines_take_turns_whoever_came_first()
    {
        var (gate, order) = (new BatchGate(most: 10, room: 1_000), new List<ulong>());
        Assert.True(await gate.EnterAsync(1, 10, default));
        var waiting = new[] { 1UL, 1UL, 1UL, 2UL, 2UL, 3UL }.Select(async line =>
        {
            Assert.True(await gate.EnterAsync(line, 10, default));
            order.Add(line);
            gate.Leave(10);
        }).ToArray();
        gate.Leave(10);
        await Task.WhenAll(waiting);
        Assert.Equal([1, 2, 3, 1, 2, 1], order);
    }

    [Fact]
    public async Task One_that_floods_gets_half_of_the_room_and_another_still_finds_some()
    {
        var gate = new BatchGate(most: 10, room: 100);
        Assert.True(await gate.EnterAsync(1, 10, default));
        var flood = Enumerable.Range(0, 20).Select(_ => gate.EnterAsync(1, 10, default).AsTask()).ToArray();
        Assert.Equal(15, flood.Count(f => f.IsCompleted && !f.Result));
        Assert.False(gate.EnterAsync(2, 10, default).AsTask().IsCompleted);
    }

    [Fact]
    public async Task One_larger_than_the_room_waits_where_nothing_else_does()
    {
        var gate = new BatchGate(most: 10, room: 100);
        Assert.True(await gate.EnterAsync(1, 10, default));
        var large = gate.EnterAsync(1, 1_000, default).AsTask();
        Assert.False(large.IsCompleted);
        Assert.False(await gate.EnterAsync(2, 10, default));
        gate.Leave(10);
        Assert.True(await large);
    }

    [Fact]
    public async Task Who_has_gone_away_is_passed_over_and_takes_no_room()
    {
        var gate = new BatchGate(most: 10, room: 100);
        using var gone = new CancellationTokenSource();
        Assert.True(await gate.EnterAsync(1, 10, default));
        var first = gate.EnterAsync(1, 100, gone.Token).AsTask();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.Leave(10);
        Assert.True(await gate.EnterAsync(1, 10, default));
        var next = gate.EnterAsync(1, 100, default).AsTask();
        gate.Leave(10);
        Assert.True(await next);
    }

    [Fact]
    public async Task The_room_of_who_has_gone_away_is_free_at_once()
    {
        var gate = new BatchGate(most: 10, room: 100);
        using var gone = new CancellationTokenSource();
        Assert.True(await gate.EnterAsync(1, 10, default));
        var first = gate.EnterAsync(1, 100, gone.Token).AsTask();
        Assert.False(await gate.EnterAsync(2, 10, default));
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        var next = gate.EnterAsync(2, 10, default).AsTask(); // while the one that is worked on is still there
        Assert.False(next.IsCompleted);
        gate.Leave(10);
        Assert.True(await next);
    }

    [Fact]
    public async Task Who_waited_behind_one_that_has_gone_away_waits_for_it_no_longer()
    {
        var gate = new BatchGate(most: 20, room: 100);
        using var gone = new CancellationTokenSource();
        Assert.True(await gate.EnterAsync(1, 15, default));
        var large = gate.EnterAsync(1, 10, gone.Token).AsTask();
        var small = gate.EnterAsync(2, 5, default).AsTask();
        Assert.False(small.IsCompleted);
        await gone.CancelAsync();
        Assert.True(await small.WaitAsync(TimeSpan.FromSeconds(30)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
    }

    [Fact] // gone before it comes, while it waits, in the moment of its turn, or not at all
    public async Task Whenever_they_go_away_all_of_the_places_are_there_again()
    {
        var gate = new BatchGate(most: 10, room: 1_000_000);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 2_000; i++)
            {
                using var gone = new CancellationTokenSource();
                if (i % 4 == 0) await gone.CancelAsync();
                var turn = gate.EnterAsync((ulong)(worker % 3), 4, gone.Token).AsTask();
                var going = i % 4 == 1 ? Task.Run(gone.Cancel) : Task.CompletedTask;
                try
                {
                    Assert.True(await turn);
                    gate.Leave(4);
                }
                catch (OperationCanceledException)
                {
                    // it holds nothing
                }
                await going;
            }
        })));
        var whole = gate.EnterAsync(1, 10, default).AsTask(); // nobody is worked on
        Assert.True(whole.IsCompleted);
        Assert.True(await whole);
        var behind = gate.EnterAsync(1, 1_000_000, default).AsTask(); // nobody waits, so all of the room is there
        Assert.False(behind.IsCompleted);
        gate.Leave(10);
        Assert.True(await behind);
    }

    [Theory]
    [InlineData("""{"items":[{"decisionPoint":"a"},{"decisionPoint":"b"}]}""", """{"items":[{"unit":"u","decisionPoint" : "a"}]}""", true)]
    [InlineData("""{"items":[{"decisionPoint":"a"}]}""", """{"items":[{"decisionPoint":"b"}]}""", false)]
    [InlineData("""{"items":[{"decisionId":"x"}]}""", """{"items":[{"unit":"u"}]}""", true)]
    [InlineData("", """{"items":[{"decisionPoint":""", true)]
    public void A_batch_stands_in_the_line_of_the_first_decision_point_it_names(string one, string other, bool same) => Assert.Equal(same, Line(one) == Line(other));

    private static ulong Line(string body) => BatchGate.LineOf(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(body)));
}
