using System.Net.Sockets;
using System.Threading.Channels;
using Looper.Core;
using Looper.Web.Console.Shared;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.RenderTree;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

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

    [Fact] // else a job that ends within a round trip is shown as running for ever
    public async Task What_changes_before_the_browser_has_the_page_is_heard()
    {
        var (feed, told) = (new ChangeFeed(), 0);
        await using var host = new Host { Shown = new TaskCompletionSource().Task };
        _ = host.ShowAsync(feed, ChangeKind.Job, () => told++);
        feed.Announce(ChangeKind.Job, Guid.Empty);
        await host.Clock.NextAsync();
        Assert.Equal(1, told);
    }

    [Fact]
    public async Task Where_the_database_is_away_it_is_read_again_after_the_rest()
    {
        var (feed, told) = (new ChangeFeed(), 0);
        await using var host = new Host();
        await host.ShowAsync(feed, ChangeKind.Job, () =>
        {
            if (++told == 1) throw new NpgsqlException("away", new SocketException((int)SocketError.ConnectionRefused));
        });
        feed.Announce(ChangeKind.Job, Guid.Empty);
        (await host.Clock.NextAsync())();
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

        /// <summary>Ends when the browser has what was rendered.</summary>
        public Task Shown { get; init; } = Task.CompletedTask;

        protected override RendererInfo RendererInfo { get; } = new("Server", isInteractive: true);

        public Task ShowAsync(ChangeFeed feed, ChangeKind kind, Action changed) => Dispatcher.InvokeAsync(async () =>
        {
            var listener = new ChangeListener { Feed = feed, Clock = Clock };
            await RenderRootComponentAsync(AssignRootComponentId(listener), ParameterView.FromDictionary(new Dictionary<string, object?>
            {
                [nameof(ChangeListener.To)] = new[] { kind }, [nameof(ChangeListener.Changed)] = EventCallback.Factory.Create(this, changed),
            }));
        });

        protected override Task UpdateDisplayAsync(in RenderBatch renderBatch) => Shown;

        protected override void HandleException(Exception exception) => throw exception;
    }
}
