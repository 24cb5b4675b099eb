using System.Collections.Immutable;
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
    /// <summary>Shows the dialog.</summary>
    /// <returns>Null when the person went back.</returns>
    public static async Task<Confirmed?> ConfirmAsync(this DialogService dialogs, Confirmation confirmation) =>
        await dialogs.OpenAsync<ConfirmDialog>(confirmation.Act, new() { [nameof(ConfirmDialog.Confirmation)] = confirmation },
            new DialogOptions { Width = "min(560px, calc(100vw - 32px))", CloseDialogOnEsc = true, AutoFocusFirstElement = true }) as Confirmed;
}
