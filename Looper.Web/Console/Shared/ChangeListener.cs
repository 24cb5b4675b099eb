using Looper.Core;
using Looper.Core.Persistence;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Shared;

/// <summary>Reads again when something was saved: hears the change feed while its page is open, calls at most once a second,
/// and lets go with the page. <c>&lt;ChangeListener To="[ChangeKind.Job]" Changed="LoadAsync" /&gt;</c></summary>
public sealed class ChangeListener : ComponentBase, IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _gone = new();
    private IDisposable? _subscription;
    private bool _heard;
    private bool _telling;

    [Parameter, EditorRequired] public IReadOnlyCollection<ChangeKind> To { get; set; } = [];

    /// <summary>Only changes of this object; null hears all.</summary>
    [Parameter] public Guid? Id { get; set; }

    [Parameter, EditorRequired] public EventCallback Changed { get; set; }

    [Inject] public required ChangeFeed Feed { get; init; }

    [Inject] public required TimeProvider Clock { get; init; }

    public void Dispose()
    {
        _subscription?.Dispose();
        _gone.Cancel();
        _gone.Dispose();
    }

    // Not while prerendering: nobody would be there to hear. Not after the first render either: what changes until the browser has it would never be heard.
    protected override void OnInitialized()
    {
        if (RendererInfo.IsInteractive) _subscription = Feed.Subscribe(Hear);
    }

    private void Hear(Change change)
    {
        if (!To.Contains(change.Kind) || (Id is { } only && only != change.Id)) return;
        Volatile.Write(ref _heard, true);
        if (Interlocked.Exchange(ref _telling, true)) return;
        using (ExecutionContext.SuppressFlow()) _ = TellAsync(); // drawing a page is no part of the job that changed something
    }

    // Tells at once, then rests; what was heard meanwhile is told together after the rest.
    private async Task TellAsync()
    {
        try
        {
            await Task.Yield();
            while (Interlocked.Exchange(ref _heard, false))
            {
                try
                {
                    await InvokeAsync(Changed.InvokeAsync);
                }
                catch (Exception e) when (DatabaseFaults.IsAway(e))
                {
                    Volatile.Write(ref _heard, true); // what is shown stays, and is read again after the rest
                }
                await Task.Delay(Pause, Clock, _gone.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            return; // the page is gone
        }
        catch (Exception e)
        {
            await DispatchExceptionAsync(e);
        }
        finally
        {
            Interlocked.Exchange(ref _telling, false);
        }

        if (Volatile.Read(ref _heard) && !Interlocked.Exchange(ref _telling, true)) _ = TellAsync();
    }
}
