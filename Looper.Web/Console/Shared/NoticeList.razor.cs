using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Shared;

public sealed partial class NoticeList : IDisposable
{
    private readonly HashSet<long> _held = [];
    private readonly HashSet<long> _timed = [];
    private readonly CancellationTokenSource _gone = new();

    [Inject] public required Notices Notices { get; init; }

    [Inject] public required TimeProvider Clock { get; init; }

    protected override void OnInitialized() => Notices.Changed += Refresh;

    public void Dispose()
    {
        Notices.Changed -= Refresh;
        _gone.Cancel();
        _gone.Dispose();
    }

    private void Refresh() => _ = InvokeAsync(() =>
    {
        foreach (var notice in Notices.All)
        {
            if (notice.Stays is { } time && _timed.Add(notice.Number)) _ = EndAsync(notice, time);
        }

        StateHasChanged();
    });

    private void LetGo(Notice notice)
    {
        _held.Remove(notice.Number);
        if (notice.Stays is { } time) _ = EndAsync(notice, time);
    }

    private async Task UndoAsync(Notice notice)
    {
        if (notice.Undo is not { } undo || !Notices.All.Contains(notice)) return; // pressed twice
        Notices.Dismiss(notice);
        await undo();
    }

    private async Task EndAsync(Notice notice, TimeSpan time)
    {
        try
        {
            await Task.Delay(time, Clock, _gone.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await InvokeAsync(() =>
        {
            if (!_held.Contains(notice.Number)) Notices.Dismiss(notice);
        });
    }
}
