using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace Looper.Web.Console.Shared;

/// <summary>What a person must know before something consequential. The title's verb is the button's.</summary>
/// <param name="Act">Verb and object: "Publish version 8". Title and button both.</param>
public sealed record Confirmation(string Act)
{
    /// <summary>What changes for live traffic, a sentence each.</summary>
    public ImmutableArray<string> Changes { get; init; } = [];

    /// <summary>What does not change.</summary>
    public ImmutableArray<string> Keeps { get; init; } = [];

    /// <summary>The way back.</summary>
    public string? WayBack { get; init; }

    /// <summary>A name to be typed, where data goes away.</summary>
    public string? TypeToConfirm { get; init; }

    /// <summary>Label of a reason that is kept in the audit; null asks for none.</summary>
    public string? AskFor { get; init; }

    /// <summary>The reason must be given.</summary>
    public bool MustSay { get; init; }

    public bool IsDanger { get; init; }
}

/// <param name="Text">What was typed where <see cref="Confirmation.AskFor"/> asked, else empty.</param>
public sealed record Confirmed(string Text);

public static class Confirmations
{
    private static readonly ConditionalWeakTable<DialogService, OneAtATime> s_asking = [];

    /// <summary>Shows the dialog.</summary>
    /// <returns>Null when the person went back.</returns>
    public static Task<Confirmed?> ConfirmAsync(this DialogService dialogs, Confirmation confirmation)
    {
        ArgumentNullException.ThrowIfNull(confirmation);
        return dialogs.AskAsync<ConfirmDialog, Confirmed>(confirmation.Act, new() { [nameof(ConfirmDialog.Confirmation)] = confirmation }, 560);
    }

    /// <summary>Shows a dialog that asks something; one at a time, so that two quick presses ask once.</summary>
    /// <returns>Null when the person went back, or another dialog was open.</returns>
    public static async Task<TAnswer?> AskAsync<TDialog, TAnswer>(this DialogService dialogs, string title, Dictionary<string, object?> parameters, int width)
        where TDialog : ComponentBase where TAnswer : class
    {
        TAnswer? answer = null;
        await s_asking.GetOrCreateValue(dialogs).RunAsync(async () => answer = await dialogs.OpenAsync<TDialog>(title, parameters,
            new DialogOptions { Width = $"min({width}px, calc(100vw - 32px))", CloseDialogOnEsc = true, AutoFocusFirstElement = true }) as TAnswer);
        return answer;
    }
}
