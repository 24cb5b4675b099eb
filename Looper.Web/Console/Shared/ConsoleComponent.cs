using Looper.Core.Persistence;
using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Shared;

/// <summary>What every part of the console is. A press while the database is away is told and leaves the page as it stands, with all that was typed.</summary>
public abstract class ConsoleComponent : ComponentBase, IHandleEvent
{
    [Inject] private Notices Told { get; set; } = null!;

    [Inject] private DatabaseAvailability Database { get; set; } = null!;

    async Task IHandleEvent.HandleEventAsync(EventCallbackWorkItem item, object? arg)
    {
        var work = Task.CompletedTask;
        try
        {
            work = item.InvokeAsync(arg);
            StateHasChanged();
            if (work.IsCompletedSuccessfully) return;
            await work;
        }
        catch (OperationCanceledException) when (work.IsCanceled)
        {
            return;
        }
        catch (Exception fault) when (IsPress(arg) && DatabaseFaults.Told(fault) is { } refusal)
        {
            if (DatabaseFaults.IsAway(fault)) Database.Failed(fault);
            Told.Show(refusal);
        }
        StateHasChanged();
    }

    // What is told from part to part reaches the one that was pressed; who heard of a change tries again by itself. A page without a circuit has no place for notices.
    private bool IsPress(object? arg) => arg is EventArgs && RendererInfo.IsInteractive;
}
