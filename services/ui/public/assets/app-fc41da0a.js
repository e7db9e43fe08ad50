const config = await (await fetch('/config.json')).json();
const status = document.querySelector('#status');
document.title = config.shopName;
document.querySelector('h1').textContent = config.shopName;

try {
  const response = await fetch(`${config.apiOrigin}/products?limit=100&sort=name`);
  if (!response.ok) throw new Error(`The catalogue answered ${response.status}.`);
  const { products } = await response.json();
  status.textContent = products.length === 0 ? 'Nothing is on the shelves yet.' : '';
  const money = ({ priceMinor, currency }) =>
    new Intl.NumberFormat(undefined, { style: 'currency', currency }).format(priceMinor / 100);
  document.querySelector('ul').append(
    ...products.map(product => {
      const item = document.createElement('li');
      item.textContent = `${product.name}, ${money(product)}${product.stock === 0 ? ' (sold out)' : ''}`;
      return item;
    }),
  );
} catch {
  status.textContent = 'The catalogue cannot be reached. Try again later.';
}
