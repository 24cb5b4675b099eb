using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Looper.Web.Console.Shared;

/// <summary>The buttons of a page that open a form on it. The one that did has the focus again when the form closes, also where it was not shown meanwhile.</summary>
public sealed class Openers
{
    private readonly Dictionary<string, ElementReference> _buttons = [];
    private string? _opened;
    private bool _closed;

    /// <summary>For <c>@ref</c>, by a name of the page's own.</summary>
    public ElementReference this[string name]
    {
        set => _buttons[name] = value;
    }

    public void Open(string name) => (_opened, _closed) = (name, false);

    public void Close() => _closed = true;

    /// <summary>To be called after each render: only then is a button there that was gone.</summary>
    public async Task RenderedAsync()
    {
        if (!_closed || _opened is not { } opened) return;
        (_closed, _opened) = (false, null);
        try
        {
            if (_buttons.TryGetValue(opened, out var button)) await button.FocusAsync();
        }
        catch (JSException)
        {
            // what it was about has gone meanwhile, and the button with it
        }
    }
}
