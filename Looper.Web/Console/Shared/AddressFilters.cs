using Microsoft.AspNetCore.Components;

namespace Looper.Web.Console.Shared;

/// <summary>Filters that stand in the address. It changes a round trip after it was asked to, so what was asked for meanwhile is asked for again with the next one.</summary>
public sealed class AddressFilters
{
    private readonly Dictionary<string, object?> _asked = [];

    public void Set(NavigationManager navigation, string name, string? value)
    {
        ArgumentNullException.ThrowIfNull(navigation);
        _asked[name] = value is { Length: > 0 } ? value : null;
        navigation.NavigateTo(navigation.GetUriWithQueryParameters(_asked), replace: true);
    }

    /// <summary>The address is what it was asked to be.</summary>
    public void Arrived() => _asked.Clear();
}
