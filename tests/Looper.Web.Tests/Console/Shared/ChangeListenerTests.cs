using System.Threading.Channels;
using Looper.Core;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.RenderTree;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Looper.Web.Tests.Console.Shared;

#pragma warning disable BL0006 // the framework's renderer is the only way to run a component's life without a browser
public sealed class ChangeListenerTests
{
    [Fact]
    public async Task A_burst_of_changes_is_told_at_once_and_then_together()
    {
        await using var host = new Host();
        var feed = new ChangeFeed();
        var told = 0;
        await host.ShowAsync(feed, ChangeKind.Job, () => told++);
        feed.Announce(ChangeKind.User, Guid.Empty);
        for (var i = 0; i < 1_000; i++) feed.Announce(ChangeKind.Job, Guid.Empty);
        var endRest = await host.Clock.NextAsync();
        Assert.Equal(1, told);
        for (var i = 0; i < 1_000; i++) feed.Announce(ChangeKind.Job, Guid.Empty);
        Assert.Equal(1, told);
        endRest();
        await host.Clock.NextAsync();
        Assert.Equal(2, told);
    }

    [Fact]
    public async Task A_page_that_is_gone_hears_nothing()
    {
        var feed = new ChangeFeed();
        var told = 0;
        await using (var host = new Host()) await host.ShowAsync(feed, ChangeKind.Job, () => told++);
        feed.Announce(ChangeKind.Job, Guid.Empty);
        await Task.Yield();
        Assert.Equal(0, told);
    }

    /// <summary>A clock whose timers end when told.</summary>
    private sealed class HandClock : TimeProvider
    {
        private readonly Channel<Action> _timers = Channel.CreateUnbounded<Action>();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _timers.Writer.TryWrite(() => callback(state));
            return new Stopped();
        }

        public async Task<Action> NextAsync() => await _timers.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));

        private sealed class Stopped : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }

    private sealed class Host() : Renderer(new ServiceCollection().AddSingleton<ChangeFeed>().BuildServiceProvider(), NullLoggerFactory.Instance)
    {
        public HandClock Clock { get; } = new();

        public override Dispatcher Dispatcher { get; } = Dispatcher.CreateDefault();

        public Task ShowAsync(ChangeFeed feed, ChangeKind kind, Action changed) => Dispatcher.InvokeAsync(async () =>
        {
            var listener = new ChangeListener { Feed = feed, Clock = Clock };
            await RenderRootComponentAsync(AssignRootComponentId(listener), ParameterView.FromDictionary(new Dictionary<string, object?>
            {
                [nameof(ChangeListener.To)] = new[] { kind }, [nameof(ChangeListener.Changed)] = EventCallback.Factory.Create(this, changed),
            }));
        });

        protected override Task UpdateDisplayAsync(in RenderBatch renderBatch) => Task.CompletedTask;

        protected override void HandleException(Exception exception) => throw exception;
    }
}
